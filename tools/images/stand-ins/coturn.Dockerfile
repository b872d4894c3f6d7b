# Stands for docker.io/coturn/coturn: Debian's coturn with the original's file capability. A container without that
# capability cannot start it.
FROM docker.io/library/node:24-bookworm-slim
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends coturn libcap2-bin \
 && setcap CAP_NET_BIND_SERVICE=+ep /usr/bin/turnserver \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/*
USER 65534:65534
CMD ["turnserver"]
