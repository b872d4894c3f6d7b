#!/usr/bin/env bash
# Fails unless a tag agrees with every version in the repository: tools/release/check-version.sh v1.2.3
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "${REPOSITORY:-$here/../..}"
tag=$1
version=${tag#v}
status=0

[[ $tag =~ ^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || { echo "'$tag' is not a tag like v1.2.3" >&2; exit 1; }

# expect FILE TEXT: the file must contain the text as the end of a line.
expect() {
  grep -qE -- "(^|[^A-Za-z])$2\$" "$1" || { echo "$1 lacks '$2'" >&2; status=1; }
}
expect package.json "\"version\": \"$version\","
expect charts/camplane/Chart.yaml "version: $version"
expect charts/camplane/Chart.yaml "appVersion: $version"
expect compose.yaml "camplane/standalone:$version}"
CHANGELOG=CHANGELOG.md "$here/notes.sh" "$version" >/dev/null || status=1
exit "$status"
