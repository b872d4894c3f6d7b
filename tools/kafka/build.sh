#!/usr/bin/env bash
# Downloads the jars of the pinned Kafka with Maven into FOLDER/libs and verifies them against libs.sha256:
#
#   tools/kafka/build.sh FOLDER          Maven itself only checks sums that the same repository provides
#   tools/kafka/build.sh FOLDER sums     updates libs.sha256 after a change of pom.xml
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
[ "$found" = "$expected" ] || { echo "Maven downloaded $found jars, but libs.sha256 lists $expected" >&2; exit 1; }
(cd "$work/libs" && sha256sum --quiet --check "$here/libs.sha256")
rm -rf "$target"
mkdir -p "$target"
mv "$work/libs" "$target/libs"
