#!/usr/bin/env bash
# Downloads the pinned MediaMTX release into a folder and verifies it against releases.sha256:
#
#   tools/mediamtx/download.sh FOLDER
#
# MEDIAMTX_RELEASES replaces the address of the releases, for a mirror.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=$1
version=v1.20.1
releases=${MEDIAMTX_RELEASES:-https://github.com/bluenviron/mediamtx/releases/download}

case $(uname -sm) in
  'Linux x86_64') platform=linux_amd64 ;;
  'Linux aarch64') platform=linux_arm64 ;;
  *) echo "no pinned release for $(uname -sm)" >&2; exit 1 ;;
esac
archive=mediamtx_${version}_$platform.tar.gz

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
curl --fail --silent --show-error --location --connect-timeout 5 --speed-limit 10000 --speed-time 15 --max-time 300 \
  --output "$archive" "$releases/$version/$archive"
grep "  $archive\$" "$here/releases.sha256" | sha256sum --check --strict
tar -xzf "$archive" mediamtx
[ "$(./mediamtx --version)" = "$version" ] || { echo "$archive contains $(./mediamtx --version)" >&2; exit 1; }
mkdir -p "$target"
mv mediamtx "$target/mediamtx"
