# Sourced by run and quick: named steps that print what they took, and that end with the script.

require_command() { # require_command NAME ADVICE
  command -v "$1" >/dev/null || { echo "$0: $1 is missing; $2" >&2; exit 1; }
}

# The step that runs is a job with a process group of its own: a signal is acted on at once and reaches all it started.
job=
end_job() {
  local group=$job
  [ -n "$group" ] || return 0
  trap '' TERM INT
  kill -- "-$group" 2>/dev/null || true
  for _ in $(seq 300); do kill -0 -- "-$group" 2>/dev/null || return 0; sleep 0.1; done
  kill -9 -- "-$group" 2>/dev/null || true
}
trap end_job EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

step() { # step NAME COMMAND...
  local name=$1 start=$SECONDS
  shift
  printf '\n== %s\n' "$name"
  set -m
  "$@" &
  job=$!
  set +m
  if ! wait "$job"; then
    job=
    printf '\n== FAILED: %s\n' "$name"
    exit 1
  fi
  job=
  printf '== %s: ok, %d s\n' "$name" $((SECONDS - start))
}

step_tail() { # step_tail NAME LINES COMMAND...: shows the last lines only, unless it fails
  local name=$1 lines=$2
  shift 2
  step "$name" show_tail "$lines" "$@"
}
show_tail() {
  local lines=$1 log
  shift
  log=$(mktemp)
  if "$@" >"$log" 2>&1; then
    tail -n "$lines" "$log"
    rm "$log"
  else
    cat "$log"
    rm "$log"
    return 1
  fi
}

finished() { printf '\n== all is well after %d s\n' "$SECONDS"; }
