#!/usr/bin/env bash
# Builds the Kubernetes programs that the tests run from the pinned Go module into the given folder: one binary, and a
# link per program.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=$1
version=v1.34.3 # kubelet 1.35 and newer refuse cgroup v1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/go.mod" "$here/go.sum" "$here/main.go" "$work/"
cd "$work"
# go.sum is committed: a module with another checksum fails the build.
export GOFLAGS=-mod=readonly GOTOOLCHAIN=local
set_version=
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
  set_version+=" -X $package.gitVersion=$version -X $package.gitMajor=1 -X $package.gitMinor=34"
  set_version+=" -X $package.gitTreeState=clean"
done
CGO_ENABLED=0 go build -trimpath -ldflags "-s -w$set_version" -o kubernetes .
mkdir -p "$target.partial"
mv kubernetes "$target.partial/kubernetes"
for name in $("$target.partial/kubernetes" -list); do
  ln -sfn kubernetes "$target.partial/$name"
done
"$target.partial/kube-apiserver" --version | grep -qx "Kubernetes $version" || {
  echo "built kube-apiserver reports $("$target.partial/kube-apiserver" --version), expected $version" >&2
  exit 1
}
rm -rf "$target"
mv "$target.partial" "$target"
