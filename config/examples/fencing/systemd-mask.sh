#!/bin/sh
# Stops a unit of systemd on its node and masks it, so that no dependency, timer or person starts it by mistake.
#
#   systemd-mask.sh stop UNIT       masks UNIT, then stops it
#   systemd-mask.sh state UNIT      prints "stopped", or what systemd says of UNIT; changes nothing
#   systemd-mask.sh release UNIT    unmasks UNIT, for the node that comes back
#
# UNIT is a whole name such as web.service. Needs root. Not run in the tests of oneup.
# Exit codes: 0 done or state printed, 1 systemd cannot be asked, 2 usage.
set -u

usage() {
  echo "usage: systemd-mask.sh stop|state|release UNIT" >&2
  exit 2
}

# A mask in /run: a node that was restarted meanwhile has lost it, and says so.
stop() {
  systemctl mask --runtime "$unit" && systemctl stop "$unit"
}

release() {
  systemctl unmask --runtime "$unit"
}

# Masked and not active: a unit that has failed has no process left unless KillMode= says so.
state() {
  active=$(systemctl show --property=ActiveState --value "$unit") || exit 1
  loaded=$(systemctl show --property=LoadState --value "$unit") || exit 1
  case "$loaded $active" in
    'masked inactive' | 'masked failed') echo stopped ;;
    *' '?*) echo "$loaded $active" ;;
    *) exit 1 ;;
  esac
}

[ $# -eq 2 ] || usage
unit=$2
case $unit in -* | *[!A-Za-z0-9_.@:-]* | '') usage ;; *.*) ;; *) usage ;; esac
case $1 in stop | state | release) "$1" || exit 1 ;; *) usage ;; esac
