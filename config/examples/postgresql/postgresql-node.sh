#!/bin/sh
# What oneup does to a PostgreSQL node: runs on the node itself, as the user of the server. README.md explains each action.
#   postgresql-node.sh FILE [ACTION]     FILE holds the settings of this node; the action comes from oneup or from you
set -eu
cd /
. "$1"
action=${2:-$ONEUP_ACTION}
export PGCONNECT_TIMEOUT=3 LC_ALL=C
# Beside the data, because pg_rewind overwrites what lies inside. `promoting`: somebody asked for a promotion since this node
# last followed. `seen`: the last position of the primary that this standby knows of. `rewinding`: pg_rewind was begun, and
# since then the node did not follow.
promoting=$DATA.promoting
seen=$DATA.seen
rewinding=$DATA.rewinding

own() { timeout 5 "$BIN/psql" -XAtq -d "host=$SOCKET port=$PORT user=postgres dbname=postgres" -c "$1"; }
peer() { timeout "${2:-5}" "$BIN/psql" -XAtq -d "$PEER dbname=postgres" -c "$1" 2> /dev/null; }
fail() { echo "$1" >&2; exit 1; }

# Every process of the server works in its data directory. A killed server may leave some that still write, and pg_ctl
# does not know of them. One that begins is not in its directory yet: pg_ctl, its shell and then the server name it as an
# argument, and live on when whoever ran pg_ctl is killed.
processes() {
  for entry in /proc/[0-9]*; do
    { read -r name < "$entry/comm"; } 2> /dev/null || continue
    case "$name" in
      postgres) [ "$(readlink "$entry/cwd" 2> /dev/null)" = "$DATA" ] || begins "$entry" || continue ;;
      pg_ctl | sh) begins "$entry" || continue ;;
      *) continue ;;
    esac
    echo "${entry#/proc/}"
  done
}

begins() { grep -qszFx -e "$DATA" "$1/cmdline" || grep -qszF -e "-D \"$DATA\"" "$1/cmdline"; }

end_processes() {
  tries=0
  while left=$(processes) && [ -n "$left" ]; do
    tries=$((tries + 1))
    [ "$tries" -le 50 ] || fail "Processes of the server do not end: $left"
    for pid in $left; do kill -9 "$pid" 2> /dev/null || true; done
    sleep 0.1
  done
}

# active, standby, starting or stopped; fails when a server is there that does not answer.
role() {
  if [ -z "$(processes)" ]; then echo stopped; return; fi
  case "$(own 'select pg_is_in_recovery()')" in
    f) echo active ;;
    t) if [ -e "$promoting" ]; then echo starting; else echo standby; fi ;;
    *) return 1 ;;
  esac
}

launch() {
  "$BIN/pg_ctl" start -D "$DATA" -l "$LOG" -o "${OPTIONS:-}" -w -t "${START_SECONDS:-60}" > /dev/null
}

# As its control file has it: "in production", "in archive recovery", "shut down" or "shut down in recovery".
state() { "$BIN/pg_controldata" -D "$DATA" | sed -n 's/^Database cluster state: *//p'; }

# From here on the node comes up as a standby, whoever starts it.
follow() {
  rm -f "$promoting" "$seen"
  settings=$DATA/postgresql.auto.conf
  { grep -v '^primary_conninfo' "$settings" || true; echo "primary_conninfo = '$PEER'"; } > "$settings.new"
  mv "$settings.new" "$settings"
  : > "$DATA/standby.signal"
  rm -f "$rewinding"
  launch
}

halt() {
  if [ -n "$(processes)" ]; then
    "$BIN/pg_ctl" stop -D "$DATA" -m "$1" -w -t "${STOP_SECONDS:-30}" > /dev/null || true
  fi
  end_processes
}

stop() {
  # Only a server that nobody has promoted is a standby for certain: a promotion takes its time.
  if [ "$(role || true)" = standby ]; then echo "it is a standby"; return; fi
  halt fast
  # After a clean end it has sent everything, so it can follow the next primary. After a crash it waits for resync.
  case "$(state)" in
    "shut down" | "shut down in recovery") ;;
    *) echo "it did not end cleanly and stays down until resync"; return ;;
  esac
  # The proof is that it is down; a standby that does not come up is for precheck to tell.
  if "$BIN/pg_isready" -q -d "$PEER" -t 3; then follow || echo "it is down, and did not start as a standby"; fi
}

start() {
  [ ! -e "$rewinding" ] || fail "A rewind did not end here: run resync"
  if [ -z "$(processes)" ]; then
    : > "$promoting"
    launch
  fi
  case "$(own 'select pg_is_in_recovery()')" in
    f) return ;;
    t) ;;
    *) fail "The server does not answer" ;;
  esac
  : > "$promoting"
  "$BIN/pg_ctl" promote -D "$DATA" -w -t "${START_SECONDS:-60}" > /dev/null
}

# Bytes between the last known position of the primary and what this standby has replayed (failover.maxLag).
precheck() {
  now=$(role) || fail "The server does not answer"
  [ "$now" = standby ] || fail "It is not a standby, but $now; if it is stopped, let it follow: $0 FILE resync"
  streams=$(own "select count(*) from pg_stat_wal_receiver where status = 'streaming'")
  primary=$(peer 'select pg_current_wal_lsn()' || true)
  if [ -n "$primary" ] && { [ "$streams" = 1 ] || [ -e "$seen" ]; }; then
    echo "$primary" > "$seen.new"
    mv "$seen.new" "$seen"
  fi
  [ -e "$seen" ] || fail "It has not followed a primary since it was started"
  echo "oneup-lag: $(own "select greatest(0, pg_wal_lsn_diff('$(cat "$seen")', pg_last_wal_replay_lsn()))")"
  if [ -n "$primary" ] && [ "$streams" != 1 ]; then fail "The primary is there, but this standby does not follow it"; fi
}

resync() {
  [ "$(peer 'select pg_is_in_recovery()')" = f ] || fail "The other node is not a primary that answers"
  halt fast
  case "$(state)" in
    "in archive recovery")
      # A standby that crashed, or the end of a rewind that nobody has seen, recovers as a standby: without standby.signal it
      # would be a second primary.
      if [ -e "$DATA/standby.signal" ] || [ -e "$rewinding" ]; then
        follow
        halt fast
        [ "$(state)" = "shut down in recovery" ] || fail "The standby did not end cleanly"
      fi
      ;;
    "shut down" | "shut down in recovery")
      # pg_rewind begins to write after a clean end, and changes the control file last.
      [ ! -e "$rewinding" ] || fail "A rewind was interrupted here: take a new copy by pg_basebackup, then: $0 FILE follow"
      ;;
  esac
  # It finds the fork by the last checkpoint of the new primary.
  peer checkpoint "${CHECKPOINT_SECONDS:-60}" || fail "Cannot let the primary make a checkpoint: see roles.sql"
  : > "$rewinding"
  # pg_rewind lets a server that crashed recover, which cannot be done in standby mode.
  rm -f "$DATA/standby.signal"
  if ! "$BIN/pg_rewind" -D "$DATA" --source-server="$PEER dbname=postgres"; then
    rm -f "$rewinding"
    fail "Cannot rewind: take a new copy by pg_basebackup"
  fi
  follow
}

case "$action" in
  start) start ;;
  stop) stop ;;
  status) role ;;
  precheck) precheck ;;
  resync) resync ;;
  follow) [ -z "$(processes)" ] || fail "The server runs"; follow ;;
  fence) halt immediate ;;
  fence-confirm) if [ -z "$(processes)" ]; then echo off; else echo on; fi ;;
  *) fail "Cannot do $action: start, stop, status, precheck, resync, follow, fence and fence-confirm are known" ;;
esac
