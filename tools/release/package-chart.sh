#!/usr/bin/env bash
# Packages the chart so that it installs the images of a registry:
#
#   tools/release/package-chart.sh VERSION REGISTRY FOLDER      for example 1.2.3 ghcr.io/owner dist
set -euo pipefail
version=$1 registry=$2 folder=$3
here=$(cd "$(dirname "$0")" && pwd)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -a "$here/../../charts/camplane" "$work/camplane"
# The first `registry` of the file is image.registry.
sed -i "0,/^  registry: ''\$/s||  registry: $registry|" "$work/camplane/values.yaml"
sed -i "s|image: camplane/\(.*\):.*|image: $registry/camplane/\1:$version|" "$work/camplane/Chart.yaml"
helm package "$work/camplane" --version "$version" --app-version "$version" --destination "$folder"
