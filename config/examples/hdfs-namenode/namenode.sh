#!/bin/sh
# What oneup does to the NameNode of a node beyond haadmin. On a real cluster it lies on each NameNode and is run there over ssh.
#
#   namenode.sh start ID              starts it as a standby unless it runs, and waits until it says so
#   namenode.sh kill ADDRESS PORT     SIGKILL to whoever listens there: what sshfence of Hadoop does with fuser
#   namenode.sh state ADDRESS PORT    prints "listening" or "gone"; changes nothing
#
# Exit codes: 0 done or state printed, 1 it cannot be told or it does not come up, 2 usage.
set -u
here=$(dirname -- "$0")

# Lines of sockets that listen there. A look that fails is no answer, so it must not be taken for none.
listeners() { ss -Hltnp "src $1" "sport = :$2" || exit 1; }

case "${1:-} $#" in
  'start 2')
    "$here/hdfs" haadmin -getServiceState "$2" > /dev/null 2>&1 && exit 0
    # A process group of its own: it outlives this script, as a daemon does. Real: hdfs --daemon start namenode
    setsid "$here/hdfs" namenode "$2" >> "$here/namenode-$2.log" 2>&1 < /dev/null &
    echo $! > "$here/namenode-$2.pid"
    looks=0
    until [ "$("$here/hdfs" haadmin -getServiceState "$2" 2> /dev/null)" = standby ]; do
      looks=$((looks + 1))
      [ "$looks" -lt 50 ] || { echo "NameNode $2 does not come up as a standby; see namenode-$2.log" >&2; exit 1; }
      sleep 0.2
    done
    ;;
  'kill 3')
    found=$(listeners "$2" "$3") || exit 1
    for pid in $(printf '%s\n' "$found" | grep -o 'pid=[0-9]*' | cut -d= -f2 | sort -u); do
      kill -9 "$pid"
    done
    ;;
  'state 3')
    found=$(listeners "$2" "$3") || exit 1
    if [ -n "$found" ]; then echo listening; else echo gone; fi
    ;;
  *)
    echo 'usage: namenode.sh start ID | kill ADDRESS PORT | state ADDRESS PORT' >&2
    exit 2
    ;;
esac
