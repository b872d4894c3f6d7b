#!/usr/bin/env bash
# Sets up what is missing and runs every check and test; `make test` calls it, and CI calls `make test`.
# The last line is `N passed, N failed`. The exit status is 0 only if set-up, lint and every test succeeded.
#
# Most tests wait for cameras and processes more than they compute. The linters, and from empty caches the builds of
# Kubernetes and the cluster images, run at low priority beside those that do not need them.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.tools/bin:$PATH"
results=.tools/test-results
rm -rf "$results"
mkdir -p "$results"
status=0
jobs=()

fail() { printf '\n%s\n' "$*"; status=1; }

# in_background NAME COMMAND...: runs at low priority in a separate process group; output goes to $results/NAME.log.
in_background() {
  local name=$1 priority=(nice -n 19)
  shift
  ! command -v ionice >/dev/null || priority+=(ionice -c 3)
  set -m
  "${priority[@]}" "$@" >"$results/$name.log" 2>&1 &
  set +m
  jobs+=("$!")
}

# finish NAME PID: waits for a background job and prints its log.
finish() {
  wait "$2" || fail "$1 failed:"
  cat "$results/$1.log"
}

stop_jobs() {
  local job
  for job in "${jobs[@]}"; do kill -- "-$job" 2>/dev/null; done
}
trap stop_jobs EXIT

if tools/setup.sh host; then
  in_background 'setting up Kubernetes' tools/setup.sh cluster
  kubernetes=$!
  # `tail --pid` returns when the Kubernetes build has finished: two builds at once would only slow each other down.
  in_background 'building images' bash -c "tail --pid=$kubernetes -f /dev/null; exec tools/images/cluster-images.sh"
  images=$!

  in_background lint pnpm --silent lint
  lint=$!

  for project in unit integration e2e; do tools/run-tests.sh "$project" || fail "$project tests failed"; done
  finish lint "$lint"
  finish 'setting up Kubernetes' "$kubernetes"
  tools/run-tests.sh kubernetes || fail "kubernetes tests failed"
  finish 'building images' "$images"
  tools/run-tests.sh cluster || fail "cluster tests failed"
else
  fail 'set-up failed: no test was run'
fi
node tools/test-summary.js || status=1
exit "$status"
