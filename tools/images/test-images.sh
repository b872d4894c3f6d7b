#!/usr/bin/env bash
# Builds every image on stand-in base images and runs each without privileges (check-images.ts).
# Needs root, buildah, debootstrap, podman and runc. Layers are cached; the first run takes minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."

for program in buildah debootstrap podman runc; do
  command -v "$program" >/dev/null ||
    { echo "'$program' is missing: apt-get install -y --no-install-recommends buildah debootstrap podman runc" >&2; exit 1; }
done
[ "$(id -u)" = 0 ] || { echo 'this needs root' >&2; exit 1; }

export PATH=$PWD/.tools/bin:$PATH
export BUILDAH_STORAGE=${CAMPLANE_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/camplane}/containers
tools/images/bound-storage.sh "$BUILDAH_STORAGE"
started=$(date +%s)
tools/images/stand-in-images.sh "$BUILDAH_STORAGE"
echo "  stand-in base images: $(($(date +%s) - started)) s"
ENGINE=buildah IMAGE_TAG=test BUILD_ARGS='--isolation chroot --pull-never' tools/images/build-images.sh "$@"
node tools/images/src/check-images.ts "$BUILDAH_STORAGE" camplane test "$@"
