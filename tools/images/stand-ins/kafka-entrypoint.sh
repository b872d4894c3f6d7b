#!/bin/sh
# Writes server.properties from the environment as docker.io/apache/kafka does: KAFKA_NODE_ID becomes node.id.
set -eu
properties=/tmp/server.properties
env | sed -n 's/^KAFKA_\([A-Z0-9_]*\)=/\1=/p' | grep -v -E '^(HEAP|LOG4J)_OPTS=' | while IFS= read -r line; do
  printf '%s=%s\n' "$(printf '%s' "${line%%=*}" | tr 'A-Z_' 'a-z.')" "${line#*=}"
done >"$properties"
/opt/kafka/bin/kafka-storage.sh format --ignore-formatted --cluster-id "${CLUSTER_ID:-5L6g3nShT-eMCtK--X86sw}" --config "$properties"
exec /opt/kafka/bin/kafka-server-start.sh "$properties"
