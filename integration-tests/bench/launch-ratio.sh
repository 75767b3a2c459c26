#!/bin/sh
# What a launch costs beside the bare command: starts an agent with 8 secrets and prints paired figures of
# `launcher --secret … /bin/true` and `/bin/true`, run in turn so that both see the same machine.
# usage: launch-ratio.sh [PAIRS [LIMIT]]      with LIMIT it fails where the ratio is above it
set -eu

root=$(cd -- "$(dirname -- "$0")/../.." && pwd -P)
home=$root/target/latchkey
pairs=${1:-1000}
limit=${2:-1000}
# Short, because a socket's path holds 107 bytes.
work=$(mktemp -d /tmp/latchkey-bench.XXXXXX)
agent_pid=

clean_up() {
  status=$?
  trap - EXIT
  if [ -n "$agent_pid" ]; then
    kill "$agent_pid" 2>/dev/null || :
    wait "$agent_pid" 2>/dev/null || :
  fi
  rm -rf -- "$work"
  exit "$status"
}

trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
export LATCHKEY_STATE="$work/state" LATCHKEY_SOCKET="$work/agent.sock" LATCHKEY_CONFIG="$work/agent.yaml"
printf 'workloads: [{name: bench, match: {uid: %s}, allow: ["store:**"]}]\n' "$(id -u)" >"$LATCHKEY_CONFIG"
"$home/bin/agent" run >"$work/agent.log" 2>&1 </dev/null &
agent_pid=$!
"$home/bin/launcher" --wait 30s --check
for number in 1 2 3 4 5 6 7 8; do
  "$home/bin/agent" secret put "bench-$number" --generate 32 >&2
done
python3 "$root/integration-tests/bench/pairs.py" "$pairs" "$limit" "$home/bin/launcher"
