#!/bin/sh
# try-in-empty-root.sh FOLDER [SUITE]: packs target/latchkey, unpacks it in a Debian that has neither JDK nor Rust, and
# runs agent and launcher there. FOLDER holds that Debian's root and is kept for the next time; where it is not there yet,
# debootstrap makes it, of SUITE (trixie). Needs root. Prints the value that the launched command saw.
set -eu

here=$(cd -- "$(dirname -- "$0")" && pwd -P)
suite=${2-trixie}

fail() {
  echo "$*" >&2
  exit 1
}

need() { command -v "$1" >/dev/null 2>&1 || fail "needs $1"; }

make_root() {
  [ ! -x "$empty/bin/sh" ] || return 0
  need debootstrap
  echo "making a root of Debian $suite in $empty" >&2
  rm -rf -- "$empty.new"
  debootstrap --variant=minbase "$suite" "$empty.new" >&2
  mv -- "$empty.new" "$empty"
}

# What an earlier run left is not what was packed now.
unpack() {
  rm -rf -- "$empty/opt/latchkey" "$empty/var/lib/latchkey" "$empty/run/latchkey"
  "$here/pack.sh" "$empty/opt/latchkey.tar"
  tar --extract --file "$empty/opt/latchkey.tar" --directory "$empty/opt"
  rm -f -- "$empty/opt/latchkey.tar"
}

# Runs inside. The namespace of processes ends with it, and with that whatever it started.
# shellcheck disable=SC2016 # its own variables
inside='
set -eu
for tool in java javac rustc cargo cc; do
  if command -v "$tool" >/dev/null; then echo "this root has $tool" >&2; exit 1; fi
done
PATH=$PATH:/opt/latchkey/bin
agent run &
agent=$!
launcher --wait 30s --check
printf some-value | agent secret put my-secret >&2
launcher --secret MY_APP_SECRET=my-secret -- printenv MY_APP_SECRET
agent status | tee /dev/stderr | grep -q "aot-cache: ok" || { echo "the AOT cache was not loaded" >&2; exit 1; }
kill "$agent"
wait "$agent"
'

main() {
  [ "$(id -u)" -eq 0 ] || fail "needs root"
  need unshare
  need chroot
  mkdir -p -- "$(dirname -- "$empty")"
  make_root
  unpack
  # Only PATH and HOME: nothing of this machine shall help.
  # shellcheck disable=SC2016 # the inner shell's variables
  env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    unshare --mount --pid --fork --kill-child sh -euc 'mount -t proc proc "$1/proc"; exec chroot "$1" /bin/sh -c "$2"' \
    sh "$empty" "$inside"
}

case $# in
  1 | 2) ;;
  *)
    echo "usage: distribution/try-in-empty-root.sh FOLDER [SUITE]" >&2
    exit 2
    ;;
esac
empty=$1
main
