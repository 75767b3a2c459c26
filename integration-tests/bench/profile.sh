#!/bin/sh
# profile.sh cpu|alloc: a flame graph of an agent under load, target/bench/cpu.svg or alloc.svg, and the share of each of our methods. Wants the library of
# async-profiler in LATCHKEY_ASYNC_PROFILER, and for the kernel's frames kernel.perf_event_paranoid at most 1.
set -eu

root=$(cd -- "$(dirname -- "$0")/../.." && pwd -P)
# shellcheck source=scripts/setup.sh
. "$root/scripts/setup.sh"

case "${1-}" in
  cpu | alloc) ;;
  *) say "usage: profile.sh cpu|alloc"; exit 2 ;;
esac
[ -n "${LATCHKEY_ASYNC_PROFILER-}" ] || { say "LATCHKEY_ASYNC_PROFILER does not name libasyncProfiler.so"; exit 2; }
[ -x "$root/target/bench/load" ] || { say "integration-tests/bench/run.sh --smoke builds the load generator first"; exit 1; }
need_everything
export PYTHONDONTWRITEBYTECODE=1
exec python3 "$root/integration-tests/bench/measure/flame.py" "$1"
