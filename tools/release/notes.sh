#!/usr/bin/env bash
# Prints the section of a version in CHANGELOG.md, without its heading: tools/release/notes.sh 1.2.3
set -euo pipefail
version=$1
changelog=${CHANGELOG:-$(dirname "$0")/../../CHANGELOG.md}

notes=$(awk -v version="$version" '
  /^## / { inside = ($2 == version || $2 == "[" version "]"); next }
  inside { print }
' "$changelog" | sed -e '/./,$!d')
[ -n "$notes" ] || { echo "CHANGELOG.md has no notes under '## $version'" >&2; exit 1; }
printf '%s\n' "$notes"
