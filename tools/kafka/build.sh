#!/usr/bin/env bash
# Copies the jars of the pinned Kafka, fetched by Maven, into libs/ of the folder given. Each is held against its sum
# in libs.sha256: Maven itself checks no more than what the repository says of its own files.
# After a change of pom.xml: `tools/kafka/build.sh FOLDER sums` writes the sums anew.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=$1
plugin=org.apache.maven.plugins:maven-dependency-plugin:3.8.1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mvn --batch-mode --quiet --strict-checksums -f "$here/pom.xml" "$plugin:copy-dependencies" \
  -DincludeScope=runtime -DoutputDirectory="$work/libs"
if [ "${2:-}" = sums ]; then
  (cd "$work/libs" && sha256sum ./*.jar | sed 's|\./||') >"$here/libs.sha256"
fi
expected=$(wc -l <"$here/libs.sha256")
found=$(find "$work/libs" -name '*.jar' | wc -l)
[ "$found" = "$expected" ] || { echo "Maven gave $found jars, libs.sha256 names $expected" >&2; exit 1; }
(cd "$work/libs" && sha256sum --quiet --check "$here/libs.sha256")
rm -rf "$target"
mkdir -p "$target"
mv "$work/libs" "$target/libs"
