#!/bin/sh
# pack.sh FILE: packs target/latchkey as the archive FILE, compressed as its name says: .tar, .tar.gz, .tar.zst.
# Who unpacks it becomes the owner, unless that is root; the times of files stay, though nothing depends on them.
set -eu

root=$(cd -- "$(dirname -- "$0")/.." && pwd -P)
[ $# -eq 1 ] || {
  echo "usage: distribution/pack.sh FILE" >&2
  exit 2
}
[ -x "$root/target/latchkey/bin/agent" ] || {
  echo "there is no target/latchkey to pack: build first" >&2
  exit 1
}
tar --create --auto-compress --file "$1" --directory "$root/target" --sort=name --owner=0 --group=0 --numeric-owner \
  --mode=u=rwX,go=rX latchkey
