#!/usr/bin/env bash
# Builds the images of the cluster and Compose tests and prints the path of an archive with those of the cluster:
# Camplane's own from the Dockerfile, with bundles built outside; stand-ins for Kafka, PostgreSQL, MediaMTX and coturn;
# a simulated camera. The image `standalone` stays in the storage ($CAMPLANE_CACHE_DIR/containers).
# Needs root, buildah and debootstrap. Does nothing if no input changed since the last build.
set -euo pipefail
cd "$(dirname "$0")/../.."

export PATH=$PWD/.tools/bin:$PATH
cache=${CAMPLANE_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/camplane}
export BUILDAH_STORAGE=$cache/containers
version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)
footage=/usr/share/doc/opencv-doc/examples/data/vtest.avi
# On the archive's file system, because layers are moved into it.
mkdir -p "$cache"
work=$(mktemp -d -p "$cache" cluster-images.XXXXXX)
trap 'rm -rf "$work"' EXIT
# Concurrent builds share the storage, and the second one finds the archive of the first.
exec 9>"$cache/cluster-images.lock"
flock 9

buildah() { command buildah --root "$BUILDAH_STORAGE/root" --runroot "$BUILDAH_STORAGE/run" "$@"; }

# timed NAME COMMAND...: prints name and time to standard error, and the output only on failure.
timed() {
  local name=$1 started
  shift
  started=$(date +%s)
  "$@" >"$work/log" 2>&1 || { tail -n 60 "$work/log" >&2; return 1; }
  printf '  %-44s %4d s\n' "$name" "$(($(date +%s) - started))" >&2
}

cluster_services=(camera-operator camera-service control-api detection-service stream-proxy)
services=("${cluster_services[@]}" standalone)

make_bundles() {
  local service
  node tools/images/src/main.ts "${services[@]}"
  mkdir -p "$work/prebuilt/build/.tools/bundles" "$work/simulator"
  cp LICENSE "$work/prebuilt/build/"
  for service in "${services[@]}"; do cp -a ".tools/bundles/$service" "$work/prebuilt/build/.tools/bundles/"; done
  tools/images/node_modules/.bin/esbuild packages/camera-simulator/src/main.ts --bundle --platform=node --target=node24 \
    --format=esm --outfile="$work/simulator/main.js" --log-level=warning \
    --banner:js="import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"
}

key() {
  (
    find "$work/prebuilt" "$work/simulator" -type f -print0 | sort -z | xargs -0 sha256sum | sed "s|$work||"
    sha256sum Dockerfile tools/images/{build-images,cluster-images,network-settings,stand-in-images}.sh tools/images/stand-ins/* tools/kafka/libs.sha256 "$footage" package.json
    readlink -f .tools/bin/node .tools/bin/mediamtx
  ) | sha256sum | cut -c1-16
}

build() { # build NAME FOLDER IMAGE
  buildah build --isolation chroot --pull-never --layers --format docker \
    --file "tools/images/stand-ins/$1.Dockerfile" --tag "$3" "$2"
}

build_own() {
  ENGINE=buildah IMAGE_TAG=test PREBUILT=$work/prebuilt BUILD_ARGS='--isolation chroot --pull-never' \
    tools/images/build-images.sh "${services[@]}"
}

build_simulator() {
  buildah build --isolation chroot --pull-never --layers --format docker --build-context "build=$work/prebuilt" \
    --target runtime-ffmpeg --tag camplane/runtime-ffmpeg:test --file Dockerfile .
  ffmpeg -hide_banner -loglevel error -y -ss 20 -t 12 -i "$footage" -c copy "$work/simulator/footage.avi"
  build camera-simulator "$work/simulator" camplane/camera-simulator:test
}

build_kafka() {
  mkdir -p "$work/kafka"
  cp tools/images/stand-ins/kafka-*.sh "$work/kafka/"
  cp -a "$(readlink -f .tools/kafka)/libs" "$work/kafka/libs"
  build kafka "$work/kafka" docker.io/apache/kafka:4.2.0
}

build_coturn() { build coturn tools/images/stand-ins docker.io/coturn/coturn:4.6.3; }

build_postgres() { build postgres tools/images/stand-ins docker.io/library/postgres:17-bookworm; }

write_archive() {
  local image folder=$work/pushed images=()
  push() { # push IMAGE NAME
    buildah push --quiet --disable-compression --format v2s2 "$1" "dir:$folder/${#images[@]}"
    images+=("$folder/${#images[@]}=$2")
  }
  mkdir -p "$folder"
  for image in "${cluster_services[@]}" camera-simulator; do
    push "localhost/camplane/$image:test" "docker.io/camplane/$image:$version"
  done
  for image in docker.io/bluenviron/mediamtx:1.20.1 docker.io/apache/kafka:4.2.0 docker.io/library/postgres:17-bookworm \
    docker.io/coturn/coturn:4.6.3; do
    push "$image" "$image"
  done
  rm -f "$cache"/cluster-images-*.tar
  node tools/images/src/join-images.ts "$archive" "${images[@]}"
}

timed 'bundles' make_bundles
archive=$cache/cluster-images-$(key).tar
if [ ! -f "$archive" ] || ! buildah inspect --type image localhost/camplane/standalone:test >/dev/null 2>&1; then
  tools/images/bound-storage.sh "$BUILDAH_STORAGE"
  timed 'base images: Node.js, MediaMTX' tools/images/stand-in-images.sh "$BUILDAH_STORAGE"
  timed 'images of the services' build_own
  timed 'image of the simulated camera' build_simulator
  timed 'stand-in for Kafka' build_kafka
  timed 'stand-in for PostgreSQL' build_postgres
  timed 'stand-in for coturn' build_coturn
  timed 'archive' write_archive
fi
echo "$archive"
