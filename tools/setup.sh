#!/usr/bin/env bash
# Sets up what is missing on this machine, shows each step with its time, and may be run again at will.
#
#   tools/setup.sh run      what `make up` needs: Node, pnpm, dependencies, FFmpeg, footage, MediaMTX
#                           (with KAFKA=1 in the environment: a Kafka broker too)
#   tools/setup.sh host     the above, and what tests without Kubernetes need: Chromium, VLC, PostgreSQL, Kafka
#   tools/setup.sh cluster  only what tests with Kubernetes need beside `host`: Kubernetes with kubectl, CoreDNS, Helm,
#                           the linters of manifests
#   tools/setup.sh test     `host` and `cluster`
#   tools/setup.sh bench    the above, and what the measurements need: kwok
#
# What it builds is kept in $CAMPLANE_CACHE_DIR (default ~/.cache/camplane) under a hash of its inputs,
# and linked into .tools/bin. Debian packages are installed only as root; otherwise the command is printed.
set -euo pipefail
cd "$(dirname "$0")/.."

profile=${1:-run}
cache=${CAMPLANE_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/camplane}
bin=$PWD/.tools/bin
mkdir -p "$cache" "$bin"

run_packages=(ffmpeg fonts-dejavu-core)
footage_packages=(opencv-doc)
test_packages=(chromium vlc-bin vlc-plugin-base postgresql etcd-server)
# A node of Kubernetes, and the images for it.
node_packages=(containerd runc containernetworking-plugins iptables iproute2 buildah debootstrap)
kafka_packages=(openjdk-17-jre-headless maven)

say() { printf '%s\n' "$*" >&2; }

# step NAME COMMAND...: runs a step, prints its name and how long it took; shows its output only if it fails.
step() {
  local name=$1 started log
  shift
  started=$(date +%s%N)
  log=$(mktemp)
  printf '  %-52s' "$name" >&2
  if "$@" >"$log" 2>&1; then
    printf '%6.1f s\n' "$(awk -v a="$started" -v b="$(date +%s%N)" 'BEGIN { print (b - a) / 1e9 }')" >&2
    rm -f "$log"
  else
    printf 'FAILED\n' >&2
    sed 's/^/    /' "$log" | tail -n 40 >&2
    rm -f "$log"
    exit 1
  fi
}

hash_of() { cat "$@" | sha256sum | cut -c1-16; }

missing_packages() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s ' "$package"
  done
}

install_packages() {
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

need_packages() {
  local missing
  command -v dpkg-query >/dev/null || return 0
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" = 0 ]; then
    # shellcheck disable=SC2086 # one word per package
    step "Debian packages: ${missing% }" install_packages $missing
  else
    say "  missing Debian packages: $missing"
    say "  Camplane may not install them without root. Run this, then try again:"
    say "    sudo apt-get update && sudo apt-get install -y --no-install-recommends $missing"
    exit 1
  fi
}

need_command() { # need_command NAME REMEDY
  command -v "$1" >/dev/null || { say "  '$1' is missing: $2"; exit 1; }
}

install_node() { # into $1
  rm -rf "$1.partial" && mkdir -p "$1.partial"
  cp tools/node/package.json tools/node/package-lock.json "$1.partial/"
  # not `npm ci`: it refuses a lockfile that leaves out the platforms pnpm is not published for
  npm install --prefix "$1.partial" --no-audit --no-fund
  "$1.partial/node_modules/node/bin/node" --version
  mv "$1.partial" "$1"
}

set_up_node() {
  need_command npm "install Node.js 20 or newer with npm (Debian: apt-get install nodejs npm)"
  local home
  home=$cache/node-$(hash_of tools/node/package-lock.json)
  [ -d "$home" ] || step 'Node.js 24 and pnpm (pinned)' install_node "$home"
  ln -sfn "$home/node_modules/node/bin/node" "$bin/node"
  ln -sfn "$home/node_modules/.bin/pnpm" "$bin/pnpm"
  export PATH="$bin:$PATH"
}

set_up_dependencies() {
  local key
  key=$(hash_of pnpm-lock.yaml pnpm-workspace.yaml package.json services/*/package.json packages/*/package.json)
  [ "$(cat node_modules/.camplane-key 2>/dev/null)" = "$key" ] && return 0
  step 'npm packages (pnpm, frozen lockfile)' "$bin/pnpm" install --frozen-lockfile
  echo "$key" >node_modules/.camplane-key
}

set_up_mediamtx() {
  local built
  built=$cache/mediamtx-$(hash_of tools/mediamtx/go.mod tools/mediamtx/go.sum tools/mediamtx/build.sh)
  if [ ! -x "$built/mediamtx" ]; then
    if [ -n "${MEDIAMTX_BIN:-}" ]; then
      ln -sfn "$MEDIAMTX_BIN" "$bin/mediamtx"
      return 0
    fi
    need_command go "MediaMTX is built from its Go module: install Go 1.26 or newer, or name a MediaMTX 1.20.1 in MEDIAMTX_BIN"
    step 'MediaMTX 1.20.1 (built from its Go module)' tools/mediamtx/build.sh "$built"
  fi
  ln -sfn "$built/mediamtx" "$bin/mediamtx"
}

set_up_kubernetes() {
  local built name
  built=$cache/kubernetes-$(hash_of tools/kubernetes/*)
  need_command etcd "it stores what the Kubernetes API is given: install etcd 3.4 or newer (Debian: apt-get install etcd-server)"
  if [ ! -x "$built/kubernetes" ]; then
    need_command go "Kubernetes is built from its Go module: install Go 1.24 or newer"
    step 'Kubernetes 1.34.3 (built from its Go module)' tools/kubernetes/build.sh "$built"
  fi
  for name in $("$built/kubernetes" -list); do
    ln -sfn "$built/$name" "$bin/$name"
  done
}

# set_up_go_tool NAME TITLE: a program whose go.mod and go.sum are in tools/NAME.
set_up_go_tool() {
  local built
  built=$cache/$1-$(hash_of "tools/$1"/* tools/build-go-tool.sh)
  if [ ! -x "$built/$1" ]; then
    need_command go "$2 is built from its Go module: install Go 1.26 or newer"
    step "$2 (built from its Go module)" tools/build-go-tool.sh "$1" "$built"
  fi
  ln -sfn "$built/$1" "$bin/$1"
}

set_up_foreign_definitions() {
  local built
  built=$cache/foreign-definitions-$(hash_of tools/foreign-definitions/*)
  if [ ! -d "$built" ]; then
    need_command go "definitions of others' resources come out of their Go modules: install Go 1.26 or newer"
    step "others' resource definitions (of their Go modules)" tools/foreign-definitions/fetch.sh "$built"
  fi
  ln -sfn "$built" .tools/foreign-definitions
}

set_up_cluster_programs() {
  set_up_kubernetes
  set_up_go_tool coredns 'CoreDNS 1.12.4'
  set_up_go_tool pause 'pause'
  set_up_go_tool helm 'Helm 3.22.0'
  set_up_go_tool kubeconform 'kubeconform 0.8.0'
  set_up_go_tool kube-score 'kube-score 1.20.0'
  set_up_go_tool promql 'PromQL of Prometheus 3.15'
  set_up_foreign_definitions
}

wants_kafka() { [ "$profile" != run ] || [ "${KAFKA:-}" = 1 ]; }

# Debian's Java and Maven where there are none: any Java from 17 on and any Maven from 3.8 on will do.
need_kafka_packages() {
  if command -v java >/dev/null && command -v mvn >/dev/null; then return 0; fi
  need_packages "${kafka_packages[@]}"
}

set_up_kafka() {
  local built
  built=$cache/kafka-$(hash_of tools/kafka/pom.xml tools/kafka/libs.sha256 tools/kafka/build.sh)
  need_command java "Kafka runs on Java: install Java 17 or newer (Debian: apt-get install openjdk-17-jre-headless)"
  if [ ! -d "$built" ]; then
    need_command mvn "Kafka's jars are fetched by Maven: install Maven 3.8 or newer (Debian: apt-get install maven)"
    step 'Kafka 4.2.0 (jars, by Maven)' tools/kafka/build.sh "$built"
  fi
  ln -sfn "$built" .tools/kafka
}

set_up_dashboard() {
  local key
  key=$( (find services/dashboard packages/contracts/src -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -print0 | sort -z | xargs -0 cat; cat pnpm-lock.yaml) | sha256sum | cut -c1-16)
  [ "$(cat services/dashboard/dist/.camplane-key 2>/dev/null)" = "$key" ] && return 0
  step 'dashboard (Vite build)' "$bin/pnpm" --filter @camplane/dashboard build
  echo "$key" >services/dashboard/dist/.camplane-key
}

packages=("${run_packages[@]}" "${footage_packages[@]}")
case $profile in
  run) ;;
  cluster) set_up_cluster_programs; exit 0 ;;
  host | test | bench) packages+=("${test_packages[@]}" "${node_packages[@]}") ;;
  *) say "usage: tools/setup.sh run|host|cluster|test|bench"; exit 2 ;;
esac
need_packages "${packages[@]}"
if wants_kafka; then need_kafka_packages; fi
set_up_node
set_up_dependencies
set_up_mediamtx
if wants_kafka; then set_up_kafka; fi
set_up_dashboard
case $profile in run | host) exit 0 ;; esac
set_up_cluster_programs
[ "$profile" = bench ] || exit 0
set_up_go_tool kwok 'kwok 0.8.0'
