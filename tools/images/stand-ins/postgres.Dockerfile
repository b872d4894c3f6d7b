# Stands for docker.io/library/postgres: Debian's PostgreSQL with the same user and variables.
FROM docker.io/library/node:24-bookworm-slim
RUN groupadd --system --gid 999 postgres \
 && useradd --system --uid 999 --gid 999 --home-dir /var/lib/postgresql postgres \
 && mkdir -p /etc/postgresql-common /usr/share/man/man1 /usr/share/man/man7 \
 && echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf \
 && apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold postgresql-15 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/* /usr/lib/*/libLLVM-*.so* /usr/lib/*/libz3.so.* \
 && install -d -o 999 -g 999 -m 0700 /var/lib/postgresql/data
COPY --chmod=0755 postgres-entrypoint.sh /usr/local/bin/docker-entrypoint.sh
ENV PATH=/usr/lib/postgresql/15/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin PGDATA=/var/lib/postgresql/data
USER 999:999
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
