#!/bin/sh
# The whole example on this machine: three web servers and three probers. Ctrl-C ends it all, and the next start goes on where it
# was. ONEUP_EXAMPLE_DIR is where it works, ONEUP_EXAMPLE_NET the first three numbers of its addresses.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../../.." && pwd)
dir=${ONEUP_EXAMPLE_DIR:-$root/var/active-active-web}
net=${ONEUP_EXAMPLE_NET:-127.0.0}
export PATH="$root/node_modules/.bin:$PATH"
pids=

oneup() { node "$root/src/main.ts" "$@"; }

# Each is a unit of its own on a real machine; here the process id and the log lie beside the configuration.
start() {
  name=$1
  shift
  node "$@" >> "$name.log" 2>&1 &
  echo $! > "$name.pid"
  pids="$pids $!"
}

end() {
  trap - EXIT INT TERM
  # shellcheck disable=SC2086
  kill $pids 2> /dev/null || :
  wait
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

all_answer() { oneup status | grep -q 'Service web: ACTIVE, active-active, 3 of 3 healthy'; }
are_named() { [ "$(oneup status | grep -c '  answered')" -eq 3 ]; }

umask 077
mkdir -p "$dir"
cd "$dir"
for file in oneup.yaml web.mjs look.mjs fetch-release.sh wait-until-idle.sh; do
  sed "s/127\.0\.0\./$net./g" "$here/$file" > "$file"
done
chmod 700 fetch-release.sh wait-until-idle.sh
[ -e release ] || echo 'release 1' > release
trap end EXIT
trap 'exit 0' INT TERM

oneup init > init.log 2>&1 || [ $? -eq 2 ] || { cat init.log >&2; exit 1; }
last=21
for node in a b c; do
  ./fetch-release.sh "$node"
  start "web-$node" web.mjs "$node" "$net.$last" 8975
  last=$((last + 1))
done
for prober in p1 p2 p3; do start "$prober" "$root/src/main.ts" run --prober "$prober"; done
wait_for 'the look at the web servers' all_answer
wait_for 'the first answer' are_named
oneup status
echo "Everything runs in $dir; Ctrl-C ends it"
wait
