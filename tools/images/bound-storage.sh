#!/usr/bin/env bash
# Prunes a buildah storage above a size limit, because each changed source file leaves unused layers behind.
#
#   tools/images/bound-storage.sh STORAGE
set -euo pipefail
storage=$1
kept_max_gb=15
size_gb=$(du -sx --block-size=1G "$storage" 2>/dev/null | cut -f1) || true
if [ "${size_gb:-0}" -gt "$kept_max_gb" ]; then
  buildah --root "$storage/root" --runroot "$storage/run" rmi --prune >/dev/null || true
fi
