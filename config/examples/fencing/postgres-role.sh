#!/bin/sh
# Fences a node by its own login of a PostgreSQL server: the role may not log in any more and all its sessions are ended.
# It is a fence when every write of the service goes through this login, and each node has a login of its own.
#
#   postgres-role.sh fence ROLE     NOLOGIN, then ends the sessions of ROLE
#   postgres-role.sh state ROLE     prints "locked", "open" or "busy" (locked, with sessions left); changes nothing
#   postgres-role.sh release ROLE   LOGIN again, for the node that comes back
#
# The server is named by PGHOST, PGPORT, PGDATABASE and PGUSER, the password by PGPASSFILE (a file of mode 600).
# Whoever logs in needs CREATEROLE and pg_signal_backend, and is another role than ROLE.
# Exit codes: 0 done or state printed, 1 the server cannot be asked or ROLE is not there, 2 usage.
set -u
# Nothing waits for longer than a level of a ladder may: 5 s to connect, 10 s for one statement.
export PGCONNECT_TIMEOUT="${PGCONNECT_TIMEOUT:-5}" PGOPTIONS="${PGOPTIONS:--c statement_timeout=10s}"

usage() {
  echo "usage: postgres-role.sh fence|state|release ROLE" >&2
  exit 2
}

# The name of the role is quoted by psql itself (:'role' and :"role"), so any name is safe.
ask() {
  psql --no-psqlrc --no-password --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1 --set="role=$role"
}

# A standby has the same roles and other sessions: its word is worth nothing.
ONLY_A_PRIMARY="
select pg_is_in_recovery() as standby \\gset
\\if :standby
  \\warn 'this server is a standby, ask the primary'
  select 1/0;
\\endif
select count(*) = 0 as missing from pg_roles where rolname = :'role' \\gset
\\if :missing
  \\warn 'there is no such role on this server'
  select 1/0;
\\endif
"

# The sessions of a lock that came first are ended; whoever was between login and start is caught by a later round.
fence() {
  ask << SQL
$ONLY_A_PRIMARY
alter role :"role" nologin;
select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = :'role' \\g /dev/null
select pg_sleep(0.5) \\g /dev/null
select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = :'role' \\g /dev/null
SQL
}

# Looks twice, a second apart: a login that passed just before the lock is in nobody's list for an instant. Prepared
# transactions of the role could still be committed by others, so they count as well.
state() {
  ask << SQL
$ONLY_A_PRIMARY
select exists (select from pg_stat_activity where usename = :'role') as first_look \\gset
select pg_sleep(1) \\g /dev/null
select case
  when (select rolcanlogin from pg_roles where rolname = :'role') then 'open'
  when :'first_look' = 't' then 'busy'
  when exists (select from pg_stat_activity where usename = :'role') then 'busy'
  when exists (select from pg_prepared_xacts where owner = :'role') then 'busy'
  else 'locked' end;
SQL
}

release() {
  ask << SQL
$ONLY_A_PRIMARY
alter role :"role" login;
SQL
}

[ $# -eq 2 ] && [ -n "$2" ] || usage
role=$2
case $1 in fence | state | release) "$1" || exit 1 ;; *) usage ;; esac
