#!/usr/bin/env bash
# Builds MediaMTX from its pinned Go module into the folder given. Two files that its own release script
# generates are put into the vendored copy: the version, and the hls.js that its test page uses.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=$1
version=v1.20.1
hlsjs=1.7.0

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cp "$here/go.mod" "$here/go.sum" "$work/"
cd "$work"
export GOFLAGS=-mod=mod GOTOOLCHAIN=local
go mod download
# -e: the embedded files missing from the module are the two made below, and camera firmware for ARM only.
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
