#!/bin/sh
# try-in-booted-root.sh FOLDER [SUITE]: boots a Debian with systemd in a container, with target/latchkey and the unit
# beside this script installed as its comment says, and tries there what an operator does: start, launch as other users, reload, restart, kill, stop, verify.
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
agent status >/status
cat /status
! grep "locked-memory.*warning" /status
! grep "aot-cache.*warning" /status
process=/proc/$(systemctl show --property MainPID --value latchkey)/status
grep -q "^Uid:.$(id -u latchkey)[^0-9]" "$process"
grep -q "^CapBnd:.0*$" "$process"
printf some-value | agent secret put my-secret

# A reload has ended when the new policy is in force: nothing waits here.
policy() {
  printf "%s\n" "$1" >/etc/latchkey/agent.yaml
  systemctl reload latchkey
}
policy "workloads: [{name: root, match: {uid: 0}, allow: [\"store:**\"]}]"
[ "$(launcher --secret V=my-secret -- printenv V)" = some-value ]
i=0
while [ $i -lt 5 ]; do
  policy "workloads: [{name: root, match: {uid: 1}, allow: [\"store:**\"]}]"
  ! launcher --secret V=my-secret -- true
  policy "workloads: [{name: root, match: {uid: 0}, allow: [\"store:**\"]}]"
  launcher --secret V=my-secret -- true
  i=$((i + 1))
done
policy "workloads: nonsense"
systemctl show --property StatusText --value latchkey | grep refused
launcher --secret V=my-secret -- true

# Selectors for other users (a container is told by its control group as a unit is); the socket for a group of the agent; the admin socket outside of the state folder.
cat >/etc/latchkey/agent.yaml <<YAML
sockets: [{name: main, path: /run/latchkey/agent.sock, mode: "0660", group: workloads}]
admin: {socket: /run/latchkey-admin/admin.sock}
workloads:
  - {name: root, match: {uid: 0, groups: [workloads]}, allow: ["store:**"]}
  - {name: unit, match: {uid: flow, unit: flow-work.service}, allow: ["store:**"]}
  - {name: cgroup, match: {uid: flow, cgroup: /flow.slice/other.service}, allow: ["store:**"]}
  - {name: person, match: {uid: flow, gid: work, groups: [workloads]}, allow: ["store:**"]}
YAML
systemctl restart latchkey
[ "$(stat --format %U:%G:%a /run/latchkey/agent.sock)" = latchkey:workloads:660 ]
# as UNIT LINE...: the launcher in a unit of that name with these settings; its output in /out.
as() {
  unit=$1
  shift
  {
    printf "[Service]\nType=oneshot\nUser=flow\nStandardOutput=truncate:/out\nStandardError=journal\n"
    printf "%s\n" "$@"
    printf "ExecStart=/opt/latchkey/bin/launcher --wait 20s --secret V=my-secret -- printenv V\n"
  } >"/run/systemd/system/$unit.service"
  systemctl daemon-reload
  systemctl start "$unit"
}
grant() { as "$@" && [ "$(cat /out)" = some-value ]; }
grant person Group=work SupplementaryGroups=workloads
! as no-group Group=work
! as no-gid Group=workloads
grant flow-work Group=workloads
grant other Group=workloads Slice=flow.slice
agent audit query --kind refusal --format csv | grep -q my-secret

# It comes back by itself.
kill -KILL "$(systemctl show --property MainPID --value latchkey)"
grant flow-work Group=workloads

# The log, with and without an agent; the key that was kept.
agent audit key >/kept.pem
began=$(date +%s)
systemctl stop latchkey
[ $(($(date +%s) - began)) -lt 10 ]
[ "$(systemctl show --property Result --value latchkey)" = success ]
agent audit verify --public-key /kept.pem
[ -z "$(find /var/lib/latchkey -perm /077)" ]
! journalctl --no-pager --boot --unit latchkey | grep hardening-incomplete
systemd-analyze --no-pager security latchkey.service
'

install_agent() {
  rm -rf -- "$root/opt/latchkey" "$root/var/lib/latchkey" "$root/etc/latchkey" "$root/tried" "$root/said"
  cp -r -- "$built" "$root/opt/latchkey"
  chroot "$root" id flow >/dev/null 2>&1 || {
    chroot "$root" /usr/sbin/groupadd work
    chroot "$root" /usr/sbin/useradd --user-group flow
  }
  mkdir -p -- "$root/etc/sysusers.d" "$root/etc/tmpfiles.d"
  cp -- "$here/latchkey.service" "$root/etc/systemd/system/"
  cp -- "$here/latchkey.sysusers" "$root/etc/sysusers.d/latchkey.conf"
  cp -- "$here/latchkey.tmpfiles" "$root/etc/tmpfiles.d/latchkey.conf"
  chroot "$root" systemd-sysusers
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
TimeoutStartSec=200
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
timeout 240 systemd-nspawn --directory="$root" --register=no --keep-unit --system-call-filter=@memlock --boot >&2 </dev/null || :
cat -- "$root/said" || :
[ -f "$root/tried" ] || fail "the unit does not work"
