#!/bin/sh
# Fences a node by its own account of a MariaDB server (10.4 or later): the account is locked and all its connections are ended.
# It is a fence when every write of the service goes through this account, and each node has an account of its own.
#
#   mariadb-account.sh fence ACCOUNT FILE     ACCOUNT LOCK on every host of ACCOUNT, then KILL
#   mariadb-account.sh state ACCOUNT FILE     prints "locked", "open" or "busy" (locked, with connections left); changes nothing
#   mariadb-account.sh release ACCOUNT FILE   ACCOUNT UNLOCK, for the node that comes back
#
# FILE is an option file of the client (mode 600) that names the server, user and password in its group [client].
# Whoever logs in needs CREATE USER, CONNECTION ADMIN, PROCESS and SELECT on mysql.global_priv, granted directly.
# ACCOUNT is made of letters, digits, _ and -. There must be no anonymous account, or a locked one logs in as that.
# Exit codes: 0 done or state printed, 1 the server cannot be asked or ACCOUNT is not there, 2 usage.
set -u

usage() {
  echo "usage: mariadb-account.sh fence|state|release ACCOUNT FILE" >&2
  exit 2
}

ask() {
  mariadb --defaults-file="$file" --connect-timeout=5 --batch --skip-column-names --execute="set max_statement_time = 10; $1"
}

# Every host of the account, as 'name'@'host', with a comma between. Without one there is nobody to lock.
accounts() {
  found=$(ask "select group_concat(quote(User), '@', quote(Host)) from mysql.global_priv where User = '$account'") || exit 1
  if [ "$found" = NULL ]; then
    echo "there is no account $account on this server" >&2
    exit 1
  fi
  printf '%s\n' "$found"
}

fence() {
  list=$(accounts) || exit 1
  ask "alter user $list account lock; kill hard user '$account'"
}

release() {
  list=$(accounts) || exit 1
  ask "alter user $list account unlock"
}

# Without PROCESS a user sees its own connections only, and everybody else looks gone: that is no answer.
may_see() {
  rights=$(ask "select count(*) from information_schema.user_privileges where privilege_type = 'PROCESS' and grantee = concat(quote(substring_index(current_user(), '@', 1)), '@', quote(substring_index(current_user(), '@', -1)))") || exit 1
  [ "$rights" -ge 1 ] && return
  echo "cannot see the connections of others: grant PROCESS to the user of $file" >&2
  exit 1
}

# A connection that is just logging in shows as "unauthenticated user" and may be the one: it counts.
state() {
  accounts > /dev/null || exit 1
  may_see
  ask "select case
    when exists (select 1 from mysql.global_priv where User = '$account' and coalesce(json_value(Priv, '\$.account_locked'), 0) <> 1) then 'open'
    when exists (select 1 from information_schema.processlist where user in ('$account', 'unauthenticated user')) then 'busy'
    else 'locked' end"
}

[ $# -eq 3 ] || usage
account=$2
file=$3
case $account in '' | *[!A-Za-z0-9_-]*) usage ;; esac
if [ ! -r "$file" ]; then
  echo "cannot read $file" >&2
  exit 1
fi
case $1 in fence | state | release) "$1" || exit 1 ;; *) usage ;; esac
