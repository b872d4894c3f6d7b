#!/usr/bin/env bash
# Builds the images of the Dockerfile and prints the size and the time of each.
#
#   tools/images/build-images.sh [IMAGE…]        all by default
#
#   ENGINE             docker, podman or buildah; the first that works by default
#   IMAGE_PREFIX       what stands before each name (camplane)
#   IMAGE_TAG          the version of package.json by default
#   NODE_EXTRA_CA_CERTS  certificates to trust while downloading, as Node.js itself has it
#   BUILD_NPMRC        an .npmrc to download with
#   BUILD_ARGS         more arguments for the engine's build
#   PREBUILT           a folder that stands for the stage `build` (build/LICENSE, build/.tools/bundles): nothing is
#                      bundled inside an image
#   BUILDAH_STORAGE    a storage of its own, with buildah; `make images-test` uses it
set -euo pipefail
cd "$(dirname "$0")/../.."

images=(camera-operator camera-service control-api detection-service standalone)
[ $# -eq 0 ] || images=("$@")
prefix=${IMAGE_PREFIX:-camplane}
version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)
tag=${IMAGE_TAG:-$version}
revision=$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)

find_engine() {
  if command -v docker >/dev/null && docker info >/dev/null 2>&1; then echo docker
  elif command -v podman >/dev/null; then echo podman
  elif command -v buildah >/dev/null; then echo buildah
  else
    echo "no docker, podman or buildah works here: install one, or name it in ENGINE" >&2
    return 1
  fi
}
engine=${ENGINE:-$(find_engine)}

run_engine() {
  case $engine in
    buildah) buildah ${BUILDAH_STORAGE:+--root "$BUILDAH_STORAGE/root" --runroot "$BUILDAH_STORAGE/run"} "$@" ;;
    *) "$engine" "$@" ;;
  esac
}

arguments=(--build-arg "VERSION=$version" --build-arg "REVISION=$revision")
# Docker's format keeps the health check, which OCI's has no word for.
[ "$engine" = docker ] || arguments+=(--layers --format docker)
if [ -n "${NODE_EXTRA_CA_CERTS:-}" ]; then arguments+=(--secret "id=ca-certificates,src=$NODE_EXTRA_CA_CERTS"); fi
if [ -n "${BUILD_NPMRC:-}" ]; then arguments+=(--secret "id=npmrc,src=$BUILD_NPMRC"); fi
if [ -n "${PREBUILT:-}" ]; then arguments+=(--build-context "build=$PREBUILT"); fi

size_of() {
  case $engine in
    buildah) run_engine images --format '{{.Size}}' "$1" | head -n 1 ;;
    *) run_engine image inspect --format '{{.Size}}' "$1" | awk '{ printf "%.0f MB", $1 / 1e6 }' ;;
  esac
}

for image in "${images[@]}"; do
  if [ ! -f "services/$image/src/main.ts" ]; then
    echo "  $image: not there yet"
    continue
  fi
  started=$(date +%s)
  log=$(mktemp)
  # shellcheck disable=SC2086 # BUILD_ARGS holds several words
  if ! run_engine build "${arguments[@]}" ${BUILD_ARGS:-} --target "$image" --tag "$prefix/$image:$tag" --file Dockerfile . >"$log" 2>&1; then
    tail -n 60 "$log" >&2
    rm -f "$log"
    exit 1
  fi
  rm -f "$log"
  printf '  %-44s %8s   built in %d s\n' "$prefix/$image:$tag" "$(size_of "$prefix/$image:$tag")" "$(($(date +%s) - started))"
done
