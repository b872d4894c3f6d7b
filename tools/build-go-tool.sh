#!/usr/bin/env bash
# Builds the program of tools/NAME from its pinned Go module into the folder TARGET:
#
#   tools/build-go-tool.sh NAME TARGET
#
# tools/NAME holds a main.go, or a go.mod with a `tool` line. Its go.sum is committed: a module with another checksum
# fails the build.
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
  # Without it helm reports "v3.22", and a chart may require a full version.
  helm) set_version="-X helm.sh/helm/v3/internal/version.version=$(go list -m -f '{{.Version}}' helm.sh/helm/v3)" ;;
esac
go build -trimpath -ldflags "-s -w $set_version" -o "$name" "${package:-.}"
rm -rf "$target"
mkdir -p "$target"
mv "$name" "$target/$name"
