#!/usr/bin/env bash
# Builds MediaMTX from its pinned Go module into a folder: tools/mediamtx/build.sh FOLDER
# The module lacks two files that upstream's release script generates: the version, and hls.js for its test page.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=$1
version=v1.20.1
hlsjs=1.7.0

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cp "$here/go.mod" "$here/go.sum" "$work/"
cd "$work"
# auto: a Go from 1.21 on downloads the toolchain that go.mod names if it is older itself.
export GOFLAGS=-mod=mod GOTOOLCHAIN=auto
go mod download
# -e: ignores missing embedded files, which are the two generated below and ARM-only camera firmware.
go mod vendor -e
chmod -R u+w vendor
module=vendor/github.com/bluenviron/mediamtx
printf '%s' "$version" >"$module/internal/core/VERSION"
npm pack --silent "hls.js@$hlsjs" >/dev/null
tar -xzf hls.js-*.tgz package/dist/hls.min.js
cp package/dist/hls.min.js "$module/internal/servers/hls/hls.min.js"
CGO_ENABLED=0 go build -mod=vendor -trimpath -ldflags '-s -w' -o mediamtx github.com/bluenviron/mediamtx
[ "$(./mediamtx --version)" = "$version" ] || { echo "built MediaMTX reports $(./mediamtx --version), expected $version" >&2; exit 1; }
mkdir -p "$target"
mv mediamtx "$target/mediamtx"
