#!/usr/bin/env bash
# Builds the one program of a folder of tools/ from its pinned Go module into the folder given:
#
#   tools/build-go-tool.sh NAME TARGET
#
# The folder holds a go.mod with a `tool` line, or a main.go of its own, and the go.sum where it needs modules: one
# that differs is refused.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
name=$1
target=$2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/$name"/* "$work/"
cd "$work"
export GOFLAGS=-mod=readonly GOTOOLCHAIN=local CGO_ENABLED=0
package=$(sed -n 's/^tool //p' go.mod)
set_version=
case $name in
  # It says "v3.22" otherwise, and charts may ask for a version.
  helm) set_version="-X helm.sh/helm/v3/internal/version.version=$(go list -m -f '{{.Version}}' helm.sh/helm/v3)" ;;
esac
go build -trimpath -ldflags "-s -w $set_version" -o "$name" "${package:-.}"
rm -rf "$target"
mkdir -p "$target"
mv "$name" "$target/$name"
