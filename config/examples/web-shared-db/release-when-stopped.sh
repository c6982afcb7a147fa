#!/bin/sh
# The way back of a node that was fenced by its account: a hung instance may go on where it was, so it must end first.
#   release-when-stopped.sh ACCOUNT FILE COMMAND...     COMMAND ends the instance on the node, and fails unless it has ended
# FENCING is the folder of mariadb-account.sh; ACCOUNT and FILE are its arguments.
set -eu
account=$1
file=$2
shift 2
"$@"
exec "$FENCING/mariadb-account.sh" release "$account" "$file"
