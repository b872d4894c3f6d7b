#!/bin/sh
# Stands for several scripts of the original image; the name it is called by selects the program.
case ${0##*/} in
  kafka-server-start.sh) class=kafka.Kafka ;;
  kafka-storage.sh) class=kafka.tools.StorageTool ;;
  kafka-topics.sh) class=org.apache.kafka.tools.TopicCommand ;;
  kafka-broker-api-versions.sh) class=org.apache.kafka.tools.BrokerApiVersionsCommand ;;
esac
# shellcheck disable=SC2086 # options hold several words
exec java ${KAFKA_HEAP_OPTS:--Xmx512m} ${KAFKA_LOG4J_OPTS:-} -cp '/opt/kafka/libs/*' "$class" "$@"
