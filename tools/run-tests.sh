#!/usr/bin/env bash
# Runs one jest project (unit, integration, kubernetes, e2e or cluster) and keeps its counts in .tools/test-results for the total.
# Tests with real programs kill processes and race real clocks on machines of any load: a few files that fail are run once
# more, alone, and tools/count-tests.js names each test that passed only then. Twice failed is failed.
# Jest ends with its last test, whatever a test left open: it says so, and the next run must not wait for it.
set -uo pipefail
cd "$(dirname "$0")/.."
project=$1
shift
results=.tools/test-results
mkdir -p "$results"
rm -f "$results/$project.json" "$results/$project-again.json"
again_max=3

run() { # run REPORT ARGUMENTS...
  local report=$1
  shift
  node --experimental-vm-modules --disable-warning=ExperimentalWarning node_modules/jest/bin/jest.js \
    --selectProjects "$project" --forceExit --json --outputFile "$report" \
    "$@"
}

# e2e and cluster: one file at a time, and one process for them all.
in_band=()
case $project in e2e | cluster) in_band=(--runInBand) ;; esac

run "$results/$project.json" "${in_band[@]}" "$@" && exit 0
[ "$project" != unit ] || exit 1
mapfile -t failed < <(node tools/failed-files.js "$results/$project.json")
if [ "${#failed[@]}" -eq 0 ] || [ "${#failed[@]}" -gt "$again_max" ]; then exit 1; fi
printf '\nOnce more, alone: %s\n\n' "${failed[*]}"
run "$results/$project-again.json" --runInBand --runTestsByPath "${failed[@]}"
