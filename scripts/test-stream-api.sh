#!/usr/bin/env bash
# Smoke test of the API of a running Camplane: adds a stream, waits for video, reads it, stops it, and removes it.
#
#   scripts/test-stream-api.sh [URL]        default: http://127.0.0.1:8080
#
# CAMPLANE_TOKEN: API token with camera.view, camera.operate, camera.configure and detection.view; not needed with
# CAMPLANE_AUTH=none. STREAM_SOURCE: address of a camera, instead of a test pattern. Needs bash and curl.
set -uo pipefail

url=${1:-http://127.0.0.1:8080}
api=$url/api/v1
id=smoke-test-$$
source=${STREAM_SOURCE:-test:testsrc2}
answer=$(mktemp)
failures=0

# The token is not in the arguments, which other users of the machine can read.
call() { # METHOD PATH [BODY] [CONTENT-TYPE]: prints the status; the body is in $answer
  local arguments=(--silent --max-time 20 --output "$answer" --write-out '%{http_code}' --request "$1" --config -)
  [ $# -lt 3 ] || arguments+=(--data "$3" --header "Content-Type: ${4:-application/json}")
  { [ -z "${CAMPLANE_TOKEN:-}" ] || printf 'header = "Authorization: Bearer %s"\n' "$CAMPLANE_TOKEN"; } |
    curl "${arguments[@]}" "$2"
}

report() { # WHETHER-OK TEXT
  if [ "$1" = 0 ]; then
    echo "ok      $2"
    return
  fi
  echo "FAILED  $2"
  head -c 500 "$answer" 2>/dev/null
  echo
  failures=$((failures + 1))
}

check() { # STATUS TEXT METHOD PATH [BODY] [CONTENT-TYPE]
  local expected=$1 text=$2 status
  shift 2
  status=$(call "$@")
  [ "$status" = "$expected" ]
  report $? "$text ($status)"
}

has() { # PATTERN TEXT: about the last answer
  grep --quiet --extended-regexp --text "$1" "$answer"
  report $? "$2"
}

becomes() { # STATE
  local _
  for _ in $(seq 60); do
    call GET "$api/streams/$id" >/dev/null
    ! grep --quiet "\"status\":\"$1\"" "$answer" || break
    sleep 1
  done
  has "\"status\":\"$1\"" "the stream is $1"
}

clean_up() {
  call DELETE "$api/streams/$id" >/dev/null
  rm -f "$answer"
}
trap clean_up EXIT

if ! command -v curl >/dev/null; then
  echo 'curl is missing: install it' >&2
  exit 2
fi
check 200 'Camplane is ready' GET "$url/readyz"
check 200 'its version' GET "$api/info"
check 200 'the list of streams' GET "$api/streams"
[ "$failures" = 0 ] || { echo 'set CAMPLANE_TOKEN to an API token, and give the URL as an argument' >&2; exit 1; }

check 201 'create a stream' POST "$api/streams" "{\"id\": \"$id\", \"name\": \"Smoke test\", \"rtspUrl\": \"$source\"}"
[ "$failures" = 0 ] || { echo 'the token needs the permissions that this script names at its top' >&2; exit 1; }
check 409 'refuse a second stream with its id' POST "$api/streams" "{\"id\": \"$id\", \"rtspUrl\": \"$source\"}"
check 400 'refuse a frame rate of 31' PATCH "$api/streams/$id" '{"fps": 31}' application/merge-patch+json
becomes RUNNING
check 200 'the health of the streams' GET "$api/streams/health"
! grep --quiet "\"$id\"" "$answer"
report $? 'the stream is healthy'
check 200 'the latest picture' GET "$api/cameras/$id/snapshot"
has $'^\xff\xd8' 'the picture is a JPEG'
check 200 'the addresses of live JPEG' GET "$api/cameras/$id/stream/info"
check 200 'detections of the stream' GET "$api/detections/stream/$id"
check 200 'change the frame rate' PATCH "$api/streams/$id" '{"fps": 5}' application/merge-patch+json
check 202 'stop the stream' POST "$api/streams/$id/stop"
becomes STOPPED
check 202 'start the stream' POST "$api/streams/$id/start"
becomes RUNNING
check 204 'delete the stream' DELETE "$api/streams/$id"
check 404 'the stream no longer exists' GET "$api/streams/$id"

echo
if [ "$failures" = 0 ]; then echo 'all checks passed'; else echo "$failures checks failed"; fi
[ "$failures" = 0 ]
