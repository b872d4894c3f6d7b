#!/usr/bin/env bash
# Builds stand-ins for the upstream base images, for tests on machines without a container registry: Node.js from
# debootstrap and .tools/bin/node, MediaMTX from .tools/bin/mediamtx.
#
#   tools/images/stand-in-images.sh STORAGE
#
# They have the names of the originals, so they belong in a separate storage.
set -euo pipefail
cd "$(dirname "$0")/../.."

storage=$1
cache=${CAMPLANE_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/camplane}
suite=bookworm
npm_version=11.19.1
node_image=docker.io/library/node:24-bookworm-slim
mediamtx_image=docker.io/bluenviron/mediamtx:1.20.1
node=$(readlink -f .tools/bin/node)
mediamtx=$(readlink -f .tools/bin/mediamtx)
work=

buildah() { command buildah --root "$storage/root" --runroot "$storage/run" "$@"; }

# commit IMAGE KEY FOLDER [CONFIG…]: creates an image from a folder and labels it with the key of its inputs.
commit() {
  local container image=$1 key=$2 folder=$3
  shift 3
  container=$(buildah from scratch)
  buildah copy --quiet "$container" "$folder" / >/dev/null
  buildah config --label "camplane.stand-in=$key" "$@" "$container"
  buildah commit --quiet --rm "$container" "$image" >/dev/null
}

# key_of FILE FUNCTION…: hashes the file and the functions that build the image.
key_of() {
  local file=$1
  shift
  { sha256sum <"$file"; declare -f commit "$@"; } | sha256sum | cut -c1-16
}

# is_there IMAGE KEY
is_there() {
  [ "$(buildah inspect --type image --format '{{index .OCIv1.Config.Labels "camplane.stand-in"}}' "$1" 2>/dev/null)" = "$2" ]
}

# Prints the path of a cached Debian archive, configured like the official slim images: no documentation, no
# translations, no fsync during unpacking.
debian_archive() {
  local archive=$cache/debian-$suite-slim.tar
  if [ ! -f "$archive" ]; then
    mkdir -p "$cache"
    debootstrap --variant=minbase "$suite" "$work/debian" >"$work/debootstrap.log" 2>&1 ||
      { tail -n 20 "$work/debootstrap.log" >&2; return 1; }
    printf 'path-exclude /usr/share/%s/*\n' doc info locale man >"$work/debian/etc/dpkg/dpkg.cfg.d/docker"
    echo force-unsafe-io >"$work/debian/etc/dpkg/dpkg.cfg.d/docker-apt-speedup"
    rm -rf "$work"/debian/usr/share/{doc,info,locale,man}/* "$work/debian/var/cache/apt/archives" "$work/debian/var/lib/apt/lists"
    mkdir -p "$work/debian/var/cache/apt/archives/partial" "$work/debian/var/lib/apt/lists/partial"
    tar -C "$work/debian" -cf "$archive.partial" --exclude ./dev .
    mv "$archive.partial" "$archive"
  fi
  echo "$archive"
}

make_node_image() {
  local key archive
  key=$(key_of "$node" debian_archive make_node_image)
  is_there "$node_image" "$key" && return 0
  archive=$(debian_archive)
  mkdir -p "$work/node"
  tar -C "$work/node" -xf "$archive"
  mkdir -p "$work/node/dev"
  install -m 0755 "$node" "$work/node/usr/local/bin/node"
  npm install --silent --global --prefix "$work/node/usr/local" "npm@$npm_version"
  commit "$node_image" "$key" "$work/node" --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
}

make_mediamtx_image() {
  local key
  key=$(key_of "$mediamtx" make_mediamtx_image)
  is_there "$mediamtx_image" "$key" && return 0
  mkdir -p "$work/mediamtx"
  install -m 0755 "$mediamtx" "$work/mediamtx/mediamtx"
  commit "$mediamtx_image" "$key" "$work/mediamtx" --entrypoint '["/mediamtx"]'
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make_node_image
make_mediamtx_image
