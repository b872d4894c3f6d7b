# In place of docker.io/apache/kafka: Debian's Java, the jars that tools/kafka pins, and the two scripts that are called.
FROM docker.io/library/node:24-bookworm-slim
# Java's package links its manual pages, whose folders slim images lack.
RUN mkdir -p /usr/share/man/man1 \
 && apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/*
COPY --chmod=0755 kafka-storage.sh kafka-server-start.sh /opt/kafka/bin/
COPY libs /opt/kafka/libs
USER 1000:1000
