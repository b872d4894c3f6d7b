#!/bin/sh
# shellcheck disable=SC2086 # options hold several words
exec java ${KAFKA_LOG4J_OPTS:-} -cp '/opt/kafka/libs/*' kafka.tools.StorageTool "$@"
