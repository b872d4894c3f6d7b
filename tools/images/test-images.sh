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
kept_max_gb=15
# Every edit of a source leaves layers behind: beyond this all but the tagged images go, and the next build is a slow one.
if [ "$(du -sx --block-size=1G "$BUILDAH_STORAGE" 2>/dev/null | cut -f1)" -gt "$kept_max_gb" ] 2>/dev/null; then
  buildah --root "$BUILDAH_STORAGE/root" --runroot "$BUILDAH_STORAGE/run" rmi --prune >/dev/null || true
fi
started=$(date +%s)
tools/images/stand-in-images.sh "$BUILDAH_STORAGE"
echo "  stand-ins for the upstream images: $(($(date +%s) - started)) s"
ENGINE=buildah IMAGE_TAG=test BUILD_ARGS='--isolation chroot --pull-never' tools/images/build-images.sh "$@"
node tools/images/src/prove-images.ts "$BUILDAH_STORAGE" camplane test "$@"
