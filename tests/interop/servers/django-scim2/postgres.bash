# Sourced by start.sh: a throw-away PostgreSQL cluster that listens on a unix socket only.
#
# The cluster lies in the folder for temporary files, because PostgreSQL refuses to run as root and its account may
# not be allowed to enter the checkout. Where it lies is kept in run/cluster-PORT, so that the next start on that
# port ends and removes what a killed one left.

POSTGRES_BIN=${POSTGRES_BIN:-/usr/lib/postgresql/15/bin}
CLUSTER_FILE=$PWD/run/cluster-$PORT

as_postgres() {
  if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

stop_postgres() {
  local cluster
  cluster=$(cat "$CLUSTER_FILE" 2>/dev/null) || return 0
  case $cluster in
    */scimulate-postgres.*)
      if [ -d "$cluster" ]; then as_postgres "$POSTGRES_BIN/pg_ctl" -D "$cluster" -m immediate stop >/dev/null 2>&1 || true; fi
      rm -rf "$cluster"
      ;;
  esac
  rm -f "$CLUSTER_FILE"
}

start_postgres() { # sets POSTGRES_SOCKETS
  [ -x "$POSTGRES_BIN/initdb" ] || die "PostgreSQL's programs are not in $POSTGRES_BIN; install Debian's postgresql-15 or set POSTGRES_BIN"
  stop_postgres
  POSTGRES_SOCKETS=$(mktemp -u -t scimulate-postgres.XXXXXX)
  echo "$POSTGRES_SOCKETS" >"$CLUSTER_FILE"
  run as_postgres "$POSTGRES_BIN/initdb" -D "$POSTGRES_SOCKETS" -A trust -U postgres -E UTF8 --locale=C.UTF-8
  run as_postgres "$POSTGRES_BIN/pg_ctl" -D "$POSTGRES_SOCKETS" -w -l "$POSTGRES_SOCKETS/log" \
    -o "-c listen_addresses='' -c unix_socket_directories='$POSTGRES_SOCKETS' -c fsync=off -c synchronous_commit=off" start
}
