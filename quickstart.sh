#!/bin/sh
# Builds Latchkey, starts an agent on its embedded store, stores a secret and runs a program that gets it.
# stdout is only what the program prints; progress goes to stderr. See README.md.
set -eu

root=$(cd -- "$(dirname -- "$0")" && pwd -P)
# shellcheck source=scripts/setup.sh
. "$root/scripts/setup.sh"

keep=
case "$#:${1-}" in
  0:) ;;
  1:--keep) keep=yes ;;
  1:-h | 1:--help)
    echo "usage: ./quickstart.sh [--keep]     --keep leaves the agent running and prints how to use and stop it"
    exit 0
    ;;
  *)
    say "usage: ./quickstart.sh [--keep]"
    exit 2
    ;;
esac

build_pid=
reporter_pid=
agent_pid=
work=
# Whether other JVMs of this user have their folder already.
performance_data=
[ ! -d "/tmp/hsperfdata_$(id -un)" ] || performance_data=yes

# A socket's path holds 107 bytes: below a deep clone the temporary directory is a short one elsewhere.
make_work_folder() {
  mkdir -p "$root/target"
  if [ "$(printf %s "$root/target/quickstart.XXXXXX/state/admin.sock" | wc -c)" -le 107 ]; then
    work=$(mktemp -d "$root/target/quickstart.XXXXXX")
  else
    work=$(mktemp -d /tmp/latchkey.XXXXXX)
  fi
}

stop_agent() {
  [ -n "$agent_pid" ] || return 0
  kill "$agent_pid" 2>/dev/null || :
  wait "$agent_pid" 2>/dev/null || :
  agent_pid=
}

# Also after a failure or a signal: nothing is left running, and no file; the JVMs of the build leave an empty folder.
clean_up() {
  status=$?
  trap - EXIT
  [ -z "$build_pid" ] || kill "$build_pid" 2>/dev/null || :
  stop_reporter
  stop_agent
  [ -z "$work" ] || rm -rf -- "$work"
  [ -n "$performance_data" ] || rmdir "/tmp/hsperfdata_$(id -un)" 2>/dev/null || :
  exit "$status"
}

# Maven is quiet, and the first build takes minutes: a line now and then. Its sleep ends with it.
report_building() {
  trap 'kill "$sleeping" 2>/dev/null; exit 0' TERM
  seconds=0
  while kill -0 "$build_pid" 2>/dev/null; do
    sleep 20 &
    sleeping=$!
    wait "$sleeping"
    seconds=$((seconds + 20))
    say "still building, $seconds s"
  done
}

stop_reporter() {
  [ -n "$reporter_pid" ] || return 0
  kill "$reporter_pid" 2>/dev/null || :
  wait "$reporter_pid" 2>/dev/null || :
  reporter_pid=
}

# The agent hears nothing of this script's terminal: with --keep it outlives it.
start_agent() {
  unset LATCHKEY_ADMIN_SOCKET LATCHKEY_PROJECT LATCHKEY_ENVIRONMENT LATCHKEY_FROM_ENV LATCHKEY_WAIT LATCHKEY_TIMEOUT
  export LATCHKEY_STATE="$work/state" LATCHKEY_SOCKET="$work/agent.sock" LATCHKEY_CONFIG="$work/agent.yaml"
  cat >"$LATCHKEY_CONFIG" <<CONFIGURATION
workloads:
  - name: quickstart
    match: {uid: $(id -u)}
    allow: ["store:default/default/*"]
CONFIGURATION
  say "starting the agent"
  if [ -n "$keep" ]; then
    setsid "$(distribution)/bin/agent" run >"$work/agent.log" 2>&1 </dev/null &
  else
    "$(distribution)/bin/agent" run >"$work/agent.log" 2>&1 </dev/null &
  fi
  agent_pid=$!
}

fail() {
  say "quickstart: $1"
  [ ! -s "$work/agent.log" ] || sed 's/^/agent: /' "$work/agent.log" >&2
  exit 1
}

# Asked second by second, so that an agent that ends is noticed at once.
await_agent() {
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
    ! "$(distribution)/bin/launcher" --wait 1s --check 2>/dev/null || return 0
    kill -0 "$agent_pid" 2>/dev/null || fail "the agent ended"
  done
  fail "the agent did not become ready within 30 s"
}

explain_keeping() {
  cat >&2 <<TEXT

The agent is running as process $agent_pid. To use it from this shell:

  export PATH='$(distribution)/bin':"\$PATH"
  export LATCHKEY_SOCKET='$LATCHKEY_SOCKET' LATCHKEY_STATE='$LATCHKEY_STATE'
  printf another-value | agent secret put another-secret
  launcher --secret ANOTHER=another-secret -- env

To stop it and remove its files:

  kill $agent_pid; rm -r '$work'
TEXT
}

need_everything
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
# In the background, because a shell that waits for a program in the foreground hears no signal.
become_build &
build_pid=$!
report_building &
reporter_pid=$!
wait "$build_pid" || fail "the build failed"
build_pid=
stop_reporter
make_work_folder
start_agent
await_agent
say "storing my-secret"
printf some-value | "$(distribution)/bin/agent" secret put my-secret >&2 || fail "my-secret could not be stored"
say "launcher --secret MY_APP_SECRET=my-secret -- python3 examples/app.py"
line=$("$(distribution)/bin/launcher" --secret MY_APP_SECRET=my-secret -- python3 "$root/examples/app.py") ||
  fail "the example failed"
[ "$line" = some-value ] || fail "the example printed something else than the secret's value"
printf '%s\n' "$line"
if [ -n "$keep" ]; then
  explain_keeping
  trap - EXIT
fi
