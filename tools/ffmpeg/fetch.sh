#!/usr/bin/env bash
# Downloads the pinned wheel of requirements.txt with pip, which verifies its SHA-256 sum, and extracts its FFmpeg:
#
#   tools/ffmpeg/fetch.sh FOLDER
#
# It is the second version of FFmpeg that the tests run. The wheel has no ffprobe.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$1

mkdir -p "$(dirname "$folder")"
work=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$work"' EXIT
python3 -m pip --disable-pip-version-check --quiet download --no-deps --only-binary :all: --require-hashes \
  --requirement "$here/requirements.txt" --dest "$work"
python3 -m zipfile --extract "$work"/*.whl "$work/wheel"
mkdir "$work/extracted"
mv "$work"/wheel/imageio_ffmpeg/binaries/ffmpeg-linux-* "$work/extracted/ffmpeg"
chmod 755 "$work/extracted" "$work/extracted/ffmpeg"
"$work/extracted/ffmpeg" -hide_banner -version | sed -n 1p
rm -rf "$folder"
mv "$work/extracted" "$folder"
