#!/usr/bin/env bash
# Runs one jest project (unit or integration) and keeps its counts in .tools/test-results for the total.
set -euo pipefail
cd "$(dirname "$0")/.."
project=$1
shift
mkdir -p .tools/test-results
exec node --experimental-vm-modules --disable-warning=ExperimentalWarning node_modules/jest/bin/jest.js \
  --selectProjects "$project" --json --outputFile ".tools/test-results/$project.json" \
  $([ "$project" = integration ] && echo --runInBand) "$@"
