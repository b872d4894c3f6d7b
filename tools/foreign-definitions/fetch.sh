#!/usr/bin/env bash
# Copies the files that definitions.txt names out of their Go modules, as the Go module proxy gives them, into the
# folder given. A module whose sum differs is refused, whatever Go itself is set to check.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=$1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/definitions"
# Outside of any module: what is downloaded is no dependency of one.
cd "$work"
export GOFLAGS= GOTOOLCHAIN=local GOWORK=off
grep -v '^#' "$here/definitions.txt" | while read -r module version sum path; do
  answer=$(go mod download -json "$module@$version") || { printf '%s\n' "$answer" >&2; exit 1; }
  field() { sed -n "s/^\t\"$1\": \"\(.*\)\",\{0,1\}$/\1/p" <<<"$answer"; }
  if [ "$(field Sum)" != "$sum" ]; then
    echo "$module@$version has the sum $(field Sum), definitions.txt says $sum" >&2
    exit 1
  fi
  cp "$(field Dir)/$path" "$work/definitions/"
done
chmod -R u+w definitions
rm -rf "$target"
mkdir -p "$(dirname "$target")"
mv definitions "$target"
