# Stands for docker.io/apache/kafka: Debian's Java, the jars that tools/kafka pins, and the scripts that are called.
FROM docker.io/library/node:24-bookworm-slim
# Java's package links its manual pages into a folder that slim images lack.
RUN mkdir -p /usr/share/man/man1 \
 && apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/* \
 && install -d -o 1000 -g 1000 /var/lib/kafka/data
COPY --chmod=0755 kafka-program.sh kafka-entrypoint.sh /opt/kafka/bin/
RUN cd /opt/kafka/bin \
 && for name in server-start storage topics broker-api-versions; do ln -s kafka-program.sh "kafka-$name.sh"; done
COPY libs /opt/kafka/libs
USER 1000:1000
CMD ["/opt/kafka/bin/kafka-entrypoint.sh"]
