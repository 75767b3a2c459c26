#!/bin/sh
# Measures everything that docs/reference/performance.md promises, beside the physical limits and the peers on PATH. See README.md here.
set -eu

root=$(cd -- "$(dirname -- "$0")/../.." && pwd -P)
here=$root/integration-tests/bench
built=$root/target/bench
# shellcheck source=scripts/setup.sh
. "$root/scripts/setup.sh"

compile() {
  mkdir -p "$built"
  cc -O2 -Wall -Wextra -Werror -static -nostdlib -ffreestanding -fno-stack-protector \
    -o "$built/exec-only" "$here/limits/exec-only.c"
  cc -O2 -Wall -Wextra -Werror -pthread -o "$built/epoll-server" "$here/limits/epoll-server.c"
  cargo build --quiet --release --manifest-path "$here/load/Cargo.toml" --target-dir "$built/cargo" >&2
  cp "$built/cargo/release/load" "$built/load"
}

# Measuring an old build is what somebody may want; not to know it is not.
build() {
  if [ ! -x "$(distribution)/bin/agent" ]; then
    (become_build)
  elif [ -n "$(changed_since_build)" ]; then
    say "target/latchkey is older than $(changed_since_build); it is measured as it is"
  fi
}

need_everything
build
say "compiling the limits and the load generator"
compile
export PYTHONDONTWRITEBYTECODE=1
exec python3 "$here/measure" "$@"
