#!/bin/sh
# Makes the database at the first start: POSTGRES_USER, POSTGRES_DB, POSTGRES_PASSWORD, PGDATA.
set -eu
user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}

make_database() {
  # Beside, and renamed when it is whole: a start that is broken off leaves no half of one.
  new=$PGDATA.new
  rm -rf "$new"
  printf '%s' "$POSTGRES_PASSWORD" >/tmp/password
  initdb --pgdata="$new" --username="$user" --pwfile=/tmp/password --encoding=UTF8 --locale=C.UTF-8 \
    --auth-local=trust --auth-host=scram-sha-256
  rm /tmp/password
  echo 'host all all all scram-sha-256' >>"$new/pg_hba.conf"
  if [ "$database" != postgres ]; then
    echo "CREATE DATABASE \"$database\"" | postgres --single -D "$new" postgres
  fi
  rmdir "$PGDATA" 2>/dev/null || true
  mv "$new" "$PGDATA"
}

[ -s "$PGDATA/PG_VERSION" ] || make_database
# Just-in-time compilation needs LLVM, which this image leaves out.
exec "$@" -c listen_addresses='*' -c jit=off
