#!/usr/bin/env bash
# Downloads a tar.gz, verifies it against a list of SHA-256 sums, and extracts it:
#
#   tools/fetch-archive.sh URL SUMS FOLDER
set -euo pipefail
url=$1 sums=$(realpath "$2") folder=$3
archive=${url##*/}
grep -q "  $archive\$" "$sums" || { echo "$sums has no sum of $archive" >&2; exit 1; }

mkdir -p "$(dirname "$folder")"
work=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
curl --fail --silent --show-error --location --connect-timeout 5 --speed-limit 10000 --speed-time 15 --max-time 300 \
  --output "$archive" "$url"
grep "  $archive\$" "$sums" | sha256sum --check --strict
mkdir extracted
tar -xzf "$archive" -C extracted
rm -rf "$folder"
mv extracted "$folder"
