#!/usr/bin/env bash
# Builds every image on stand-ins for the upstream ones, and runs each as a strict cluster would (prove-images.ts).
# Needs root, and Debian's buildah, debootstrap and runc. Layers are kept for the next time; the first takes long.
set -euo pipefail
cd "$(dirname "$0")/../.."

for program in buildah debootstrap runc; do
  command -v "$program" >/dev/null ||
    { echo "'$program' is missing: apt-get install -y --no-install-recommends buildah debootstrap runc" >&2; exit 1; }
done
[ "$(id -u)" = 0 ] || { echo 'images are mounted and run by runc here, which only root may' >&2; exit 1; }

export PATH=$PWD/.tools/bin:$PATH
export BUILDAH_STORAGE=${CAMPLANE_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/camplane}/containers
tools/images/bound-storage.sh "$BUILDAH_STORAGE"
started=$(date +%s)
tools/images/stand-in-images.sh "$BUILDAH_STORAGE"
echo "  stand-ins for the upstream images: $(($(date +%s) - started)) s"
ENGINE=buildah IMAGE_TAG=test BUILD_ARGS='--isolation chroot --pull-never' tools/images/build-images.sh "$@"
node tools/images/src/prove-images.ts "$BUILDAH_STORAGE" camplane test "$@"
