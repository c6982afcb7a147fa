#!/bin/sh
# The whole example on this machine: keepers, three probers, two of which are agents too, and a scheduler. Ctrl-C ends it all, and
# the next start goes on where it was. ONEUP_EXAMPLE_DIR is where it works, ONEUP_EXAMPLE_NET the first three numbers of its addresses.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../../.." && pwd)
dir=${ONEUP_EXAMPLE_DIR:-$root/var/airflow-scheduler}
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
    [ "$looks" -lt 100 ] || { echo "Cannot start: $what takes too long; see the logs in $dir" >&2; exit 1; }
    sleep 0.3
  done
}

# The token is the first line of what the command prints, which it does once.
make_token() { oneup token create --agent "$1" > token.new && sed -n 1p token.new > "token-$1" && rm token.new; }
are_connected() { [ "$(oneup status | grep -c 'agent [ab]: .*enforced by')" -eq 2 ]; }
is_active() { oneup status | grep -q 'Service scheduler: ACTIVE'; }

umask 077
mkdir -p "$dir"
cd "$dir"
for file in oneup.yaml agent-a.yaml agent-b.yaml scheduler.mjs; do
  sed "s/127\.0\.0\./$net./g" "$here/$file" > "$file"
done
trap end EXIT
trap 'exit 0' INT TERM

oneup init > init.log 2>&1 || [ $? -eq 2 ] || { cat init.log >&2; exit 1; }
for node in a b; do start "keeper-$node" "$root/src/keeper/keeper-process.ts" "$PWD/agent-$node"; done
# The first prober hands out the tokens with which the agents of the others come.
start p3 "$root/src/main.ts" run --prober p3
for node in a b; do [ -s "token-$node" ] || wait_for "a token for agent $node" make_token "$node"; done
start p1 "$root/src/main.ts" run --prober p1 --agent agent-a.yaml --no-keeper
start p2 "$root/src/main.ts" run --prober p2 --agent agent-b.yaml --no-keeper
wait_for 'the way of both agents to a prober' are_connected
# Nothing has ever run: the first start is a decision. Later ones are oneup's own.
[ -e airflow.db ] || wait_for 'the first start' oneup switchover scheduler --to a --reason 'first start'
wait_for 'the scheduler' is_active
oneup status
echo "Everything runs in $dir; Ctrl-C ends it"
wait
