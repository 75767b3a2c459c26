#!/bin/sh
# Makes the AOT caches of the distribution in folder $1 by running what users run: an agent, launches, admin commands.
set -eu

home=$1
# Sockets need a short path, which a clone may not have.
work=$(mktemp -d /tmp/latchkey-train.XXXXXX)
agent_pid=

# What the training says is shown only where it fails.
clean_up() {
  status=$?
  trap - EXIT
  [ -z "$agent_pid" ] || kill "$agent_pid" 2>/dev/null || :
  [ "$status" -eq 0 ] || cat "$work/said" "$work/agent.log" >&3 || :
  rm -rf -- "$work" "$home/bin/agent-in-training"
  exit "$status"
}

# recording NAME COMMAND...: runs the command as the training of lib/NAME.aot, which the JVM writes when it ends. Without profiles: with them it compiles
# what was hot once while it should start (ADR 42).
recording() {
  name=$1
  shift
  JDK_JAVA_OPTIONS="-XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining -XX:AOTCacheOutput=\"$home/lib/$name.aot\"" exec "$@"
}

# The program takes no options of the JVM from its environment, so what is trained is a copy that does.
copy_program() {
  sed '/^keep /d' "$home/bin/agent" >"$home/bin/agent-in-training"
  chmod 0755 "$home/bin/agent-in-training"
}

# Most starts find a state that is there, so what is trained is the second.
make_state() {
  await_agent "$home/bin/agent" run
  printf before | "$home/bin/agent" secret put before >/dev/null
  "$home/bin/launcher" --secret BEFORE=before -- /bin/true
  stop_agent
}

start_agent() {
  await_agent recording agent "$home/bin/agent-in-training" run
}

# await_agent COMMAND...: starts an agent so, and comes back once it serves.
await_agent() {
  "$@" >"$work/agent.log" 2>&1 </dev/null &
  agent_pid=$!
  until "$home/bin/launcher" --wait 1s --check; do
    kill -0 "$agent_pid" || return 1
  done
}

use_agent() {
  printf training | (recording admin "$home/bin/agent-in-training" secret put training) >/dev/null
  for command in "secret list" "secret show training" "audit head" status ready; do
    # shellcheck disable=SC2086 # a command is words
    "$home/bin/agent" $command >/dev/null
  done
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    "$home/bin/launcher" --secret TRAINING=training -- /bin/true
  done
  "$home/bin/launcher" --secret TRAINING=no-such-secret -- /bin/true || [ $? -eq 122 ]
}

stop_agent() {
  kill "$agent_pid"
  wait "$agent_pid" || {
    cat "$work/agent.log" >&2
    return 1
  }
  agent_pid=
}

# The JVM would run what is in a cache whatever became of the jars, so the agent compares them with these.
note_jars() {
  (cd "$home/lib" && for jar in *.jar; do echo "$(wc -c <"$jar") $jar"; done) >"$home/lib/trained.jars"
}

main() {
  export LATCHKEY_STATE="$work/state" LATCHKEY_SOCKET="$work/agent.sock" LATCHKEY_CONFIG="$work/agent.yaml"
  printf 'workloads: [{name: training, match: {uid: %s}, allow: ["store:**"]}]\n' "$(id -u)" >"$LATCHKEY_CONFIG"
  copy_program
  make_state
  start_agent
  use_agent
  stop_agent
  note_jars
  for cache in agent admin; do
    [ -s "$home/lib/$cache.aot" ] || {
      echo "the training wrote no lib/$cache.aot" >&2
      return 1
    }
    # The agent's own files are private, but whoever may run it may use this one.
    chmod 0644 "$home/lib/$cache.aot"
  done
}

exec 3>&2 2>"$work/said"
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
unset LATCHKEY_ADMIN_SOCKET LATCHKEY_PROJECT LATCHKEY_ENVIRONMENT LATCHKEY_FROM_ENV LATCHKEY_WAIT LATCHKEY_TIMEOUT
main
