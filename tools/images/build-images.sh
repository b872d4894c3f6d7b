#!/usr/bin/env bash
# Builds the images of the Dockerfile and prints the size and duration of each.
#
#   tools/images/build-images.sh [IMAGE…]        all by default
#
#   ENGINE               docker, podman or buildah; default: the first one that works
#   IMAGE_PREFIX         prefix of the image names; default: camplane
#   IMAGE_TAG            default: the version in package.json
#   NODE_EXTRA_CA_CERTS  certificates to trust while downloading
#   BUILD_NPMRC          .npmrc to download with
#   BUILD_ARGS           more arguments for the engine's build command
#   PREBUILT             folder that replaces the stage `build` (build/LICENSE, build/.tools/bundles)
#   BUILDAH_STORAGE      storage folder for buildah
set -euo pipefail
cd "$(dirname "$0")/../.."

images=(camera-operator camera-service control-api detection-service standalone stream-proxy)
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
    echo "found no working docker, podman or buildah: install one, or set ENGINE" >&2
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
# The OCI format has no health check.
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
    echo "unknown image: $image" >&2
    exit 2
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
