#!/bin/sh
# try-in-booted-root.sh FOLDER [SUITE]: boots a Debian with systemd in a container, with target/latchkey and the unit
# beside this script installed as its comment says, and tries there what an operator does: start, launch, reload, restart.
# FOLDER holds that Debian's root and is kept; where it is not there yet, debootstrap makes it, of SUITE (trixie). Needs
# root and systemd-nspawn.
set -eu

here=$(cd -- "$(dirname -- "$0")" && pwd -P)
built=$here/../../target/latchkey
suite=${2-trixie}

fail() {
  echo "$*" >&2
  exit 1
}

need() { command -v "$1" >/dev/null 2>&1 || fail "needs $1"; }

make_root() {
  [ ! -x "$root/bin/systemctl" ] || return 0
  need debootstrap
  rm -rf -- "$root.new"
  debootstrap --variant=minbase --include=systemd,systemd-sysv "$suite" "$root.new" >&2
  mv -- "$root.new" "$root"
}

# Runs inside, once the agent's unit is up.
# shellcheck disable=SC2016 # its own variables
inside='
set -eux
PATH=$PATH:/opt/latchkey/bin
[ "$(systemctl show --property StatusText --value latchkey)" = "serving on /run/latchkey/agent.sock" ]
launcher --wait 20s --check
agent status
printf some-value | agent secret put my-secret
printf "workloads: [{name: root, match: {uid: 0}, allow: [\"store:**\"]}]\n" >/etc/latchkey/agent.yaml
systemctl reload latchkey
# The signal is sent then, not yet obeyed.
until journalctl --boot --unit latchkey | grep -q event=configuration-loaded; do sleep 0.1; done
[ "$(launcher --secret V=my-secret -- printenv V)" = some-value ]
systemctl restart latchkey
[ "$(launcher --secret V=my-secret -- printenv V)" = some-value ]
systemctl stop latchkey
[ "$(systemctl show --property Result --value latchkey)" = success ]
! journalctl --no-pager --boot --unit latchkey | grep hardening-incomplete
'

install_agent() {
  rm -rf -- "$root/opt/latchkey" "$root/var/lib/latchkey" "$root/etc/latchkey" "$root/tried" "$root/said"
  cp -r -- "$built" "$root/opt/latchkey"
  chroot "$root" id latchkey >/dev/null 2>&1 || chroot "$root" /usr/sbin/useradd --system latchkey
  cp -- "$here/latchkey.service" "$root/etc/systemd/system/"
  printf '%s\n' "$inside" >"$root/try.sh"
  cat >"$root/etc/systemd/system/try.service" <<'UNIT'
[Unit]
# Not Requires=, which a restart of the agent would stop it by.
Wants=latchkey.service
After=latchkey.service
# Whether it succeeds or not, and also where the agent does not come up.
SuccessAction=poweroff-force
FailureAction=poweroff-force
[Service]
Type=oneshot
ExecStart=/bin/sh -c "sh /try.sh >/said 2>&1 && touch /tried"
ExecStopPost=-/bin/sh -c "journalctl --no-pager --boot --unit latchkey >>/said"
TimeoutStartSec=120
UNIT
  mkdir -p -- "$root/etc/systemd/system/multi-user.target.wants"
  ln -sf -- ../try.service "$root/etc/systemd/system/multi-user.target.wants/try.service"
}

case $# in
  1 | 2) ;;
  *)
    echo "usage: docker/systemd/try-in-booted-root.sh FOLDER [SUITE]" >&2
    exit 2
    ;;
esac
root=$1
[ "$(id -u)" -eq 0 ] || fail "needs root"
need systemd-nspawn
[ -x "$built/bin/agent" ] || fail "there is no target/latchkey: build first"
make_root
install_agent
# A container of systemd-nspawn may not lock memory unless that is said; a machine may.
timeout 180 systemd-nspawn --directory="$root" --register=no --keep-unit --system-call-filter=@memlock --boot >&2 </dev/null || :
cat -- "$root/said" || :
[ -f "$root/tried" ] || fail "the unit does not work"
