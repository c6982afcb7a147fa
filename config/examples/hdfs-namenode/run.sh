#!/bin/sh
# The whole example on this machine: two NameNodes (stand-ins) and three probers. Ctrl-C ends it all, and the next start goes on
# where it was. ONEUP_EXAMPLE_DIR is where it works, ONEUP_EXAMPLE_NET the first three numbers of its addresses.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../../.." && pwd)
dir=${ONEUP_EXAMPLE_DIR:-$root/var/hdfs-namenode}
net=${ONEUP_EXAMPLE_NET:-127.0.0}
export PATH="$root/node_modules/.bin:$PATH"
pids=

oneup() { node "$root/src/main.ts" "$@"; }

end() {
  trap - EXIT INT TERM
  # shellcheck disable=SC2086
  kill $pids 2> /dev/null || :
  wait
  for last in 21 22; do ./namenode.sh kill "$net.$last" 8020 || :; done
}

wait_for() {
  what=$1
  shift
  looks=0
  until "$@" > /dev/null 2>&1; do
    looks=$((looks + 1))
    [ "$looks" -lt 200 ] || { echo "Cannot start: $what takes too long; see the logs in $dir" >&2; exit 1; }
    sleep 0.3
  done
}

is_active() { oneup status | grep -q 'Service namenode: ACTIVE'; }

umask 077
mkdir -p "$dir"
cd "$dir"
for file in oneup.yaml hdfs-site.json hdfs hdfs.mjs namenode.sh; do
  sed "s/127\.0\.0\./$net./g" "$here/$file" > "$file"
done
chmod 700 hdfs namenode.sh
trap end EXIT
trap 'exit 0' INT TERM

is_new=no
[ -e var/oneup.db ] || is_new=yes
oneup init > init.log 2>&1 || [ $? -eq 2 ] || { cat init.log >&2; exit 1; }
for node in nn1 nn2; do ./namenode.sh start "$node"; done
for prober in p1 p2 p3; do
  node "$root/src/main.ts" run --prober "$prober" >> "$prober.log" 2>&1 &
  pids="$pids $!"
done
# Nothing has ever been active: the first is a decision. Later ones are oneup's own.
[ "$is_new" = no ] || wait_for 'the first start' oneup switchover namenode --to nn1 --reason 'first start'
wait_for 'an active NameNode' is_active
oneup status
echo "Everything runs in $dir; Ctrl-C ends it"
wait
