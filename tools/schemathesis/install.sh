#!/usr/bin/env bash
# Installs the pinned packages of requirements.txt with pip, which verifies their SHA-256 sums, and a program that runs
# schemathesis from them:
#
#   tools/schemathesis/install.sh FOLDER
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$1

rm -rf "$folder.partial"
python3 -m pip --disable-pip-version-check --quiet install --no-deps --only-binary :all: --require-hashes \
  --no-warn-script-location --root-user-action ignore \
  --requirement "$here/requirements.txt" --target "$folder.partial/packages"
cat >"$folder.partial/schemathesis" <<END
#!/bin/sh
PYTHONPATH=$folder/packages:\$PYTHONPATH exec python3 -m schemathesis.cli "\$@"
END
chmod 755 "$folder.partial/schemathesis"
rm -rf "$folder"
mv "$folder.partial" "$folder"
"$folder/schemathesis" --version
