#!/bin/sh
# Fuzzes what reads bytes that others wrote. Each target keeps its growing corpus under target/fuzz/, so that a later run goes on
# where this one ends; it begins with the committed one.
set -eu

root=$(cd -- "$(dirname -- "$0")/../.." && pwd -P)
here=$root/integration-tests/fuzz
work=$root/target/fuzz
# shellcheck source=scripts/setup.sh
. "$root/scripts/setup.sh"

# The version of the crate in afl/Cargo.toml.
afl_version=0.18.2
# The status of a target whose fuzzer is missing.
not_installed=3
# Bytes of the longest input.
longest=4096

usage() {
  cat >&2 <<'USAGE'
usage: run.sh TARGET SECONDS     fuzz one target, or all of them one after the other
       run.sh corpus KIND        write corpus/KIND.txt again, minimised, from all that was found so far

TARGET   frames               the Java codec, and the launcher's beside it: they must say the same (Jazzer)
         references           the agent's parser of references (Jazzer)
         config               the loader of agent.yaml (Jazzer)
         documents            the reader of manifests and templates (Jazzer)
         launcher-frames      the launcher's codec (AFL++)
         launcher-references  the launcher's parser of references (AFL++)
         all                  each of them; those whose fuzzer is not installed are named and left out
KIND     frames | references | config | documents

Seconds that the machine sleeps or the run is stopped do not count. Exits 1 with the path of the input where a property is broken,
3 where the fuzzer is not installed.
USAGE
  exit 2
}

# The kind of input of a target, which names its corpus.
kind_of() { printf '%s\n' "${1#launcher-}"; }

maven() { (become_maven -q "$@" >&2); }

# --- Building --------------------------------------------------------------------------------------------------------

# Copies, so that a build beside a long run does not change the classes under it.
build_java() {
  [ -z "${java_built-}" ] || return 0
  say "building the Java targets"
  maven -pl integration-tests dependency:copy@fuzzer
  maven -pl agent -am -Dspotless.check.skip test-compile dependency:build-classpath \
    -Dmdep.includeScope=test "-Dmdep.outputFile=$work/classpath"
  rm -rf "$work/classes"
  mkdir -p "$work/classes"
  for module in protocol agent; do
    for folder in classes test-classes; do
      cp -R "$root/$module/target/$folder" "$work/classes/$module-$folder"
    done
  done
  java_built=yes
}

build_outcomes() {
  cargo build --quiet --release --locked --manifest-path "$here/launcher/Cargo.toml" --target-dir "$work/cargo"
  cp "$work/cargo/release/outcomes" "$work/outcomes"
}

java_class() {
  case $1 in
    frames) echo dev.latchkey.protocol.FrameFuzz ;;
    references) echo dev.latchkey.agent.reference.ReferenceFuzz ;;
    config) echo dev.latchkey.agent.config.ConfigFuzz ;;
    documents) echo dev.latchkey.agent.manifest.ManifestFuzz ;;
  esac
}

# become COMMAND...: in a group of its own, and ended by an interrupt, which a shell has its background processes ignore.
become() { exec setsid env --default-signal=INT nice -n 19 "$@"; }

# become_java OPTIONS...: with the classes of the targets.
become_java() {
  classpath=$work/classes/protocol-classes:$work/classes/protocol-test-classes
  classpath=$classpath:$work/classes/agent-classes:$work/classes/agent-test-classes
  become "$JAVA_HOME/bin/java" -Xmx1g -cp "$work/jazzer/*:$classpath:$(cat "$work/classpath")" "$@"
}

# jazzer KIND OPTIONS...: what a fuzzer says of the agent itself is left out, for the targets say what must hold. It takes an expression of a manifest for
# an injection; how long one may take is bounded by its steps.
jazzer() {
  kind=$1
  shift
  # The limit of one input is a long one, for a machine that was suspended must not look like a target that hangs; the targets
  # measure their own time.
  become_java "-Dlatchkey.fuzz.launcher=$work/outcomes" com.code_intelligence.jazzer.Jazzer \
    "--target_class=$(java_class "$kind")" '--disabled_hooks=com.code_intelligence.jazzer.sanitizers.RegexInjection' \
    '--instrumentation_includes=dev.latchkey.**:org.snakeyaml.**:tools.jackson.dataformat.**' \
    "--reproducer_path=$work/$kind/findings" "-artifact_prefix=$work/$kind/findings/" \
    "-max_len=$longest" -timeout=3600 -print_final_stats=1 "$@"
}

# --- Corpora ---------------------------------------------------------------------------------------------------------

# What was found once is tried first again.
prepare() {
  mkdir -p "$work/$1/corpus" "$work/$1/findings"
  find "$work/$1/findings" -type f -name 'crash-*' -exec mv {} "$work/$1/corpus/" \;
  rm -f "$work/$1/findings"/*
  python3 "$here/corpus.py" unpack "$here/corpus/$1.txt" "$work/$1/corpus"
}

# Adds to the lines of a corpus what the agent's codec makes of them, which the tests of both languages compare.
with_outcomes() {
  case $1 in
    config | documents) cat ;;
    *) become_java "$(java_class "$1")" ;;
  esac
}

write_corpus() {
  build_java
  build_outcomes
  prepare "$1"
  rm -rf "$work/$1/minimised"
  mkdir -p "$work/$1/minimised"
  # What is reached counts here, not how often.
  (jazzer "$1" -merge=1 -use_counters=0 "$work/$1/minimised" "$work/$1/corpus") >"$work/$1/merge.log" 2>&1 || {
    tail -n 20 "$work/$1/merge.log" >&2
    exit 1
  }
  python3 "$here/corpus.py" pack 1024 "$work/$1/minimised" | (with_outcomes "$1") >"$work/$1/corpus.txt"
  mv "$work/$1/corpus.txt" "$here/corpus/$1.txt"
  say "$(wc -l <"$here/corpus/$1.txt") inputs, $(wc -c <"$here/corpus/$1.txt") bytes: integration-tests/fuzz/corpus/$1.txt"
}

# --- Fuzzing ---------------------------------------------------------------------------------------------------------

# start LOG COMMAND...: COMMAND is a function that becomes the fuzzer.
start() {
  log=$1
  shift
  "$@" >"$log" 2>&1 &
  pid=$!
  trap 'kill -INT "-$pid"; exit 130' INT TERM
}

# Waits until the log has that text, for starting takes long on a busy machine; ten minutes are too long on any.
await() {
  tries=0
  while [ "$tries" -lt 600 ] && kill -0 "$pid" 2>/dev/null && ! grep -q "$1" "$log"; do
    sleep 1
    tries=$((tries + 1))
  done
}

# watch TARGET SECONDS WHOM: interrupts WHOM after so many seconds in which this ran too, and says every minute how far it is.
watch() {
  seconds=0
  while [ "$seconds" -lt "$2" ] && kill -0 "$pid" 2>/dev/null; do
    sleep 1
    seconds=$((seconds + 1))
    [ $((seconds % 60)) -ne 0 ] || say "$1: $seconds s: $(tail -n 1 "$log" | cut -c 1-160)"
  done
  kill -INT "$3" 2>/dev/null || :
  wait "$pid" || :
  trap - INT TERM
}

# report TARGET EXECUTIONS COVERAGE FOLDER...: what is in one of the folders breaks a property.
report() {
  say "$1: $seconds s, $2 executions, coverage $3"
  target=$1
  shift 3
  found=$(find "$@" -type f \( -name 'crash-*' -o -name 'oom-*' -o -name 'timeout-*' -o -name 'id:*' \) 2>/dev/null || :)
  [ -n "$found" ] || return 0
  say "$target: these break a property, as $work/$target.log says:"
  printf '%s\n' "$found"
  return 1
}

fuzz_java() {
  build_java
  [ "$1" != frames ] || build_outcomes
  prepare "$1"
  start "$work/$1.log" jazzer "$1" "$work/$1/corpus"
  await INITED
  # It alone: the launcher's codec beside it must answer to the end.
  watch "$1" "$2" "$pid"
  grep -q '^stat::number_of_executed_units' "$log" || {
    tail -n 20 "$log" >&2
    return 1
  }
  report "$1" "$(awk '/^stat::number_of_executed_units/ { print $2 }' "$log")" \
    "$(awk '/ cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") n = $(i + 1) } END { print n " edges" }' "$log")" \
    "$work/$1/findings"
}

has_afl() { cargo afl --version 2>/dev/null | grep -q "^cargo-afl $afl_version "; }

afl_fuzz() {
  export AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_AUTORESUME=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1
  become cargo afl fuzz -t 10000 -G "$longest" -i "$work/$1/corpus" -o "$work/$1/afl" -- "$work/launcher_afl" "$1"
}

fuzz_launcher() {
  has_afl || {
    say "not fuzzed: $1: cargo afl is not installed: cargo install cargo-afl --version $afl_version"
    exit "$not_installed"
  }
  kind=$(kind_of "$1")
  prepare "$kind"
  cargo afl build --quiet --release --manifest-path "$here/afl/Cargo.toml" --target-dir "$work/afl-cargo"
  cp "$work/afl-cargo/release/launcher_afl" "$work/launcher_afl"
  rm -rf "$work/$kind/afl/default/crashes" "$work/$kind/afl/default/hangs"
  start "$work/$1.log" afl_fuzz "$kind"
  await 'Fuzzing test case'
  watch "$1" "$2" "-$pid"
  stats=$work/$kind/afl/default/fuzzer_stats
  [ -f "$stats" ] || {
    tail -n 20 "$log" >&2
    return 1
  }
  # The other fuzzers go on from these.
  python3 "$here/corpus.py" pack "$longest" "$work/$kind/afl/default/queue" >"$work/$kind/queue.txt"
  python3 "$here/corpus.py" unpack "$work/$kind/queue.txt" "$work/$kind/corpus"
  report "$1" "$(awk '$1 == "execs_done" { print $3 " of all its" }' "$stats")" \
    "$(awk '$1 == "edges_found" { print $3 " edges" }' "$stats")" \
    "$work/$kind/afl/default/crashes"
}

# Codecs are compared input by input; the parsers of references, on everything that was found for either.
compare_references() {
  build_java
  build_outcomes
  python3 "$here/corpus.py" pack "$longest" "$work/references/corpus" >"$work/references/all.txt"
  (become_java "$(java_class references)") <"$work/references/all.txt" >"$work/references/agent.txt"
  cut -f 1 "$work/references/agent.txt" >"$work/references/texts.txt"
  "$work/outcomes" references <"$work/references/texts.txt" >"$work/references/outcomes.txt"
  paste "$work/references/texts.txt" "$work/references/outcomes.txt" >"$work/references/launcher.txt"
  say "$(wc -l <"$work/references/agent.txt") references compared"
  cmp "$work/references/agent.txt" "$work/references/launcher.txt"
}

fuzz() {
  case $1 in
    frames | references | config | documents) fuzz_java "$1" "$2" ;;
    launcher-frames | launcher-references) fuzz_launcher "$1" "$2" ;;
    *) usage ;;
  esac
  case $1 in
    *references) compare_references ;;
  esac
}

# Each in a process of its own, so that the end of one is not that of the others.
fuzz_all() {
  build_java
  export java_built
  failed=0
  for target in frames references config documents launcher-frames launcher-references; do
    "$here/run.sh" "$target" "$1" || [ "$?" -eq "$not_installed" ] || failed=1
  done
  return "$failed"
}

[ "$#" -eq 2 ] || usage
use_writable_home
find_jdk quiet || { say "JDK $jdk_needed or later is missing"; exit 2; }
find_rust quiet || { say "Rust $rust_needed or later is missing"; exit 2; }
mkdir -p "$work"
case $1:$2 in
  corpus:frames | corpus:references | corpus:config | corpus:documents) write_corpus "$2" ;;
  corpus:* | *:*[!0-9]* | *:) usage ;;
  all:*) fuzz_all "$2" ;;
  *) fuzz "$1" "$2" ;;
esac
