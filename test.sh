#!/bin/sh
# Runs every test at its quick size; with --full at the sizes of the threat model. Ends with a line of totals.
set -eu

root=$(cd -- "$(dirname -- "$0")" && pwd -P)
# shellcheck source=scripts/setup.sh
. "$root/scripts/setup.sh"

full=false
case "$#:${1-}" in
  0:) ;;
  1:--full) full=true ;;
  1:-h | 1:--help)
    echo "usage: ./test.sh [--full]     --full runs the long sizes of the threat model"
    exit 0
    ;;
  *)
    say "usage: ./test.sh [--full]"
    exit 2
    ;;
esac

failures=0

# check NAME COMMAND...: one of the checks outside Maven; all of them run before any decides.
check() {
  name=$1
  shift
  say "checking: $name"
  "$@" && return 0
  say "failed: $name"
  failures=$((failures + 1))
}

check_scripts() {
  if command -v shellcheck >/dev/null 2>&1; then
    # Without a path of its own each script is found from the root.
    check shellcheck shellcheck --external-sources quickstart.sh test.sh .ci/run scripts/*.sh distribution/*.sh \
      distribution/bin/agent docker/systemd/*.sh integration-tests/bench/*.sh integration-tests/fuzz/*.sh
  else
    say "not checked: the scripts (shellcheck is not installed)"
  fi
}

# The launcher's workspace, the agent's native library, what the benchmark measures with and what is fuzzed.
check_rust() {
  for manifest in launcher/Cargo.toml agent/native/Cargo.toml integration-tests/bench/load/Cargo.toml \
    integration-tests/fuzz/launcher/Cargo.toml; do
    if cargo fmt --version >/dev/null 2>&1; then
      check "cargo fmt of $manifest" cargo fmt --manifest-path "$manifest" --all --check
    else
      say "not checked: the format of $manifest (rustfmt is not installed)"
    fi
    if cargo clippy --version >/dev/null 2>&1; then
      check "cargo clippy of $manifest" cargo clippy --quiet --manifest-path "$manifest" --workspace \
        --target-dir target/clippy -- --deny warnings
    else
      say "not checked: the lints of $manifest (clippy is not installed)"
    fi
  done
}

# What the launcher executes, which does not depend on the machine's load as times do.
check_instructions() {
  if command -v valgrind >/dev/null 2>&1; then
    check "the launcher's instructions" cargo run --manifest-path launcher/Cargo.toml --locked --quiet \
      --package blackbox --bin instructions
  else
    say "not checked: the launcher's instructions (valgrind is not installed)"
  fi
}

# logged COMMAND...: also writes to target/test.log what the command says, and returns its status.
logged() {
  rm -f target/test.passed
  { "$@" && echo passed >target/test.passed; } 2>&1 | tee -a target/test.log
  [ -f target/test.passed ]
}

# Outside Maven, which would stop at the first test of the launcher that fails.
test_launcher() {
  (cd launcher && cargo test --workspace --locked --quiet --no-fail-fast)
}

# Every module is tested even where an earlier one failed; the reports decide.
test_modules() {
  (become_maven -Dmaven.test.failure.ignore=true -DskipCargoTests=true "-Dlatchkey.full=$full" verify)
}

# A few seconds for what is new; the corpora of longer runs are in the tests.
fuzz_a_little() {
  seconds=10
  ! $full || seconds=300
  integration-tests/fuzz/run.sh all "$seconds"
}

run_tests() {
  find . -path '*/target/surefire-reports/*' -name 'TEST-*.xml' -exec rm -f {} +
  mkdir -p target
  : >target/test.log
  check "the launcher's tests" logged test_launcher
  check "the build and its tests" logged test_modules
  check "fuzzing" fuzz_a_little
}

cd "$root"
need_everything
find_moto
check_scripts
check_rust
run_tests
check_instructions
sh scripts/totals.sh "$failures"
