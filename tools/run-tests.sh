#!/usr/bin/env bash
# Runs one jest project and writes its report to .tools/test-results:
#
#   tools/run-tests.sh unit|integration|kubernetes|e2e|cluster [JEST ARGUMENT...]
#
# Files that fail, if they are few, run a second time alone. tools/test-summary.js names each test that passed only then
# as UNSTABLE: a defect to fix, but one that does not hide the result of the other tests. Unit tests get no second attempt.
set -uo pipefail
cd "$(dirname "$0")/.."
project=$1
shift
results=.tools/test-results
mkdir -p "$results"
rm -f "$results/$project.json" "$results/$project-again.json"
second_attempts_max=3

run() { # run REPORT JEST_ARGUMENT...
  local report=$1
  shift
  node --experimental-vm-modules --disable-warning=ExperimentalWarning node_modules/jest/bin/jest.js \
    --selectProjects "$project" --json --outputFile "$report" "$@"
}

# End-to-end tests assert times and share the one node: one file at a time. With a memory limit jest runs it in a worker,
# which it can end if a test leaves handles open; in its own process jest would wait for them forever.
one_at_a_time=(--maxWorkers=1 --workerIdleMemoryLimit=2GB)
workers=()
case $project in e2e | cluster) workers=("${one_at_a_time[@]}") ;; esac

run "$results/$project.json" "${workers[@]}" "$@" && exit 0
[ "$project" != unit ] || exit 1
mapfile -t failed < <(node tools/failed-files.js "$results/$project.json")
if [ "${#failed[@]}" -eq 0 ] || [ "${#failed[@]}" -gt "$second_attempts_max" ]; then exit 1; fi
printf '\nSecond attempt, alone: %s\n\n' "${failed[*]}"
run "$results/$project-again.json" "${one_at_a_time[@]}" --runTestsByPath "${failed[@]}"
