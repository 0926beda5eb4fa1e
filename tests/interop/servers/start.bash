# Sourced by every NAME/start.sh: what starting a foreign server on 127.0.0.1 has in common.
#
# A start script sets NAME, PORT and TOKEN by `begin`, installs what it lacks inside `install_once`, and hands
# its last command to `serve`, which prints BASE_URL= and TOKEN= once the server answers and stays until
# the server ends or this process is asked to end (SIGTERM or SIGINT), and then leaves nothing running.

die() { echo "$NAME: $*" >&2; exit 1; }

port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; }

begin() { # begin NAME PORT
  NAME=$1 PORT=${2:-} TOKEN=${SCIM_TOKEN:-secret-token} LOG=$PWD/run/server-${2:-}.log
  case $PORT in '' | *[!0-9]*) die "usage: start.sh PORT (the token is taken from SCIM_TOKEN, else it is secret-token)" ;; esac
  if port_is_taken; then die "port $PORT of 127.0.0.1 is in use; end what listens there or choose another port"; fi
  mkdir -p run
  : >"$LOG"
}

# install_once MARK COMMAND...: runs COMMAND unless it succeeded before for the same MARK; two starts at once wait for each other.
install_once() {
  local mark=$1
  shift
  (
    flock 9
    if [ "$(cat run/installed 2>/dev/null)" != "$mark" ]; then
      rm -f run/installed
      "$@" >>run/install.log 2>&1 || die "the installation failed: $(tail -n 20 run/install.log)"
      echo "$mark" >run/installed
    fi
  ) 9>run/install.lock
}

# Ends the server and waits for it; a start script with more to stop overrides `stop_rest`.
stop_rest() { :; }
stop_all() {
  if [ -n "${child:-}" ]; then
    kill "$child" 2>/dev/null || true
    for _ in $(seq 100); do kill -0 "$child" 2>/dev/null || break; sleep 0.1; done
    kill -9 "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  fi
  stop_rest
}

serve() { # serve BASE_URL COMMAND...
  local base_url=$1
  shift
  trap stop_all EXIT
  trap 'exit 0' TERM INT
  "$@" >>"$LOG" 2>&1 &
  child=$!
  for _ in $(seq 600); do
    kill -0 "$child" 2>/dev/null || die "the server ended before it answered: $(tail -n 20 "$LOG")"
    if port_is_taken; then
      echo "BASE_URL=$base_url"
      echo "TOKEN=$TOKEN"
      wait "$child"
      return
    fi
    sleep 0.1
  done
  die "the server did not listen on port $PORT within a minute: $(tail -n 20 "$LOG")"
}
