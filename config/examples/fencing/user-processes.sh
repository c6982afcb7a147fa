#!/bin/sh
# Stops a service on its node by the user that it runs as: every process of this user is ended, also those that left their group.
# The user must have no other work on the node. It is a first level: a node that is silent needs one outside of it.
#
#   user-processes.sh stop USER     SIGTERM, after five seconds SIGKILL, until none is left
#   user-processes.sh state USER    prints "stopped" or "running"; changes nothing
#
# USER is a name or a number, and never root. Needs root, and pgrep and pkill of procps.
# Exit codes: 0 done or state printed, 1 it cannot be told or some are left, 2 usage.
set -u
GRACE_ROUNDS=10
KILL_ROUNDS=10
ALIVE=D,R,S,T,t,I

usage() {
  echo "usage: user-processes.sh stop|state USER" >&2
  exit 2
}

# Exit code 0: some are running, 1: none. Anything else is no answer. Who is dead and not yet reaped does nothing any more.
# A pgrep that does not know these options also ends with 1, so it must first find what is there for certain: this shell.
running() {
  pgrep -U "$(id -ru)" -r "$ALIVE" > /dev/null || exit 1
  pgrep -U "$user" -r "$ALIVE" > /dev/null
  code=$?
  [ $code -le 1 ] || exit 1
  return $code
}

signal_until_gone() {
  rounds=$2
  while [ "$rounds" -gt 0 ]; do
    running || return 0
    pkill "-$1" -U "$user"
    sleep 0.5
    rounds=$((rounds - 1))
  done
  ! running
}

stop() {
  signal_until_gone TERM $GRACE_ROUNDS || signal_until_gone KILL $KILL_ROUNDS
}

state() {
  if running; then echo running; else echo stopped; fi
}

[ $# -eq 2 ] || usage
case $1 in stop | state) ;; *) usage ;; esac
user=$2
case $user in '' | -* | *[!A-Za-z0-9_.-]* | root) usage ;; esac
case $user in *[!0-9]*) number=$(id -u "$user") || exit 1 ;; *) number=$user ;; esac
[ "$number" -gt 0 ] || usage
user=$number
"$1" || exit 1
