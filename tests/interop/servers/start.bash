# Sourced by every NAME/start.sh: what starting a foreign server on 127.0.0.1 has in common.
#
# A start script calls `begin`, installs what it lacks with `install_once`, prepares with `run`, and hands its last
# command to `serve`, which prints BASE_URL= and TOKEN= once the server answers and stays until the server ends or this
# process is asked to end (SIGTERM or SIGINT). However it ends, it leaves nothing running.

die() { echo "$NAME: $*" >&2; exit 1; }

port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; }

begin() { # begin NAME PORT: sets NAME, PORT, TOKEN and LOG
  NAME=$1 PORT=${2:-} TOKEN=${SCIM_TOKEN:-secret-token} LOG=$PWD/run/server-${2:-}.log
  case $PORT in '' | *[!0-9]*) die "usage: start.sh PORT (the token is taken from SCIM_TOKEN, else it is secret-token)" ;; esac
  if port_is_taken; then die "port $PORT of 127.0.0.1 is in use; end what listens there or choose another port"; fi
  mkdir -p run
  find run -name 'server-*.log' -mmin +1440 -delete
  : >"$LOG"
  trap stop_all EXIT
  trap 'exit 0' TERM INT
}

# Starts a command as a job with a process group of its own, so that it can be ended together with all it started, and so that
# a signal is acted on while the command runs.
start_job() {
  set -m
  "$@" &
  set +m
}

run() { # run COMMAND...: its output goes to the log
  start_job "$@" >>"$LOG" 2>&1
  wait $! || die "this failed: $*; the end of $LOG: $(tail -n 20 "$LOG")"
}

# install_once MARK COMMAND...: runs COMMAND unless it succeeded before for the same MARK; two starts at once wait for each other.
install_once() {
  run install_under_lock "$@"
}
install_under_lock() {
  local mark=$1
  shift
  exec 9>run/install.lock
  flock 9
  if [ "$(cat run/installed 2>/dev/null)" != "$mark" ]; then
    rm -f run/installed
    "$@"
    echo "$mark" >run/installed
  fi
}

# A start script with more to stop than its jobs overrides this.
stop_rest() { :; }
stop_all() {
  local group
  trap '' TERM INT
  for group in $(jobs -p); do
    kill -- "-$group" 2>/dev/null || true
    for _ in $(seq 100); do kill -0 -- "-$group" 2>/dev/null || break; sleep 0.1; done
    kill -9 -- "-$group" 2>/dev/null || true
  done
  stop_rest
}

serve() { # serve BASE_URL COMMAND...
  local base_url=$1 server
  shift
  start_job "$@" >>"$LOG" 2>&1
  server=$!
  for _ in $(seq 600); do
    kill -0 "$server" 2>/dev/null || die "the server ended before it answered; the end of $LOG: $(tail -n 20 "$LOG")"
    if port_is_taken; then
      echo "BASE_URL=$base_url"
      echo "TOKEN=$TOKEN"
      wait "$server"
      return
    fi
    sleep 0.1
  done
  die "the server did not listen on port $PORT within a minute; the end of $LOG: $(tail -n 20 "$LOG")"
}
