#!/bin/sh
# Creates the database on the first start from POSTGRES_USER, POSTGRES_DB, POSTGRES_PASSWORD and PGDATA.
set -eu
user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}

create_database() {
  # PG_VERSION moves last, so that an interrupted first start is repeated.
  new=$PGDATA/new
  mkdir -p "$PGDATA"
  chmod 0700 "$PGDATA"
  rm -rf "$PGDATA"/*
  printf '%s' "$POSTGRES_PASSWORD" >/tmp/password
  initdb --pgdata="$new" --username="$user" --pwfile=/tmp/password --encoding=UTF8 --locale=C.UTF-8 \
    --auth-local=trust --auth-host=scram-sha-256
  rm /tmp/password
  echo 'host all all all scram-sha-256' >>"$new/pg_hba.conf"
  if [ "$database" != postgres ]; then
    echo "CREATE DATABASE \"$database\"" | postgres --single -D "$new" postgres
  fi
  for file in "$new"/*; do
    [ "$file" = "$new/PG_VERSION" ] || mv "$file" "$PGDATA"
  done
  mv "$new/PG_VERSION" "$PGDATA"
  rmdir "$new"
}

[ -s "$PGDATA/PG_VERSION" ] || create_database
# Just-in-time compilation needs LLVM, which this image leaves out.
exec "$@" -c listen_addresses='*' -c jit=off
