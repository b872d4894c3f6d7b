#!/usr/bin/env bash
# Copies the CRDs in definitions.txt from their Go modules into the given folder. A module with another checksum fails,
# regardless of Go's own checksum settings.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=$1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/definitions"
# Outside any module, so that the downloads are not recorded as dependencies.
cd "$work"
export GOFLAGS= GOTOOLCHAIN=local GOWORK=off
grep -v '^#' "$here/definitions.txt" | while read -r module version sum path; do
  answer=$(go mod download -json "$module@$version") || { printf '%s\n' "$answer" >&2; exit 1; }
  field() { sed -n "s/^\t\"$1\": \"\(.*\)\",\{0,1\}$/\1/p" <<<"$answer"; }
  if [ "$(field Sum)" != "$sum" ]; then
    echo "$module@$version has checksum $(field Sum), but definitions.txt expects $sum" >&2
    exit 1
  fi
  cp "$(field Dir)/$path" "$work/definitions/"
done
chmod -R u+w definitions
rm -rf "$target"
mkdir -p "$(dirname "$target")"
mv definitions "$target"
