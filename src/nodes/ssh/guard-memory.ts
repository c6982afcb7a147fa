// The part of the remote guard that remembers (S12, S13): POSIX shell, in the words of dash and busybox. It reads the clock that
// counts suspension, tells processes apart by number, start and boot, and keeps one state file per node: written beside, forced
// to disk, renamed. A state that cannot be read is a damaged one, never an empty one.

export const GUARD_MEMORY = `fail() {
  echo "oneup1 error $*"
  exit 3
}
up() {
  read -r now rest </proc/uptime || now=0.0
  now=\${now%%.*}\${now##*.}
}
nap() {
  sleep 0.05 2>/dev/null || sleep 1
}
stat_of() {
  p_state= p_group= p_start= p_text=
  { while IFS= read -r p_line || [ -n "$p_line" ]; do p_text="$p_text $p_line"; done <"/proc/$1/stat"; } 2>/dev/null
  set -- \${p_text##*) }
  [ $# -lt 20 ] || { p_state=$1 p_group=$3 p_start=\${20}; }
}
is_alive() {
  stat_of "$1"
  [ "$p_start" = "$2" ] && [ "$p_state" != Z ] && [ "$3" = "$boot" ]
}
group_alive() {
  [ -n "$1" ] && [ "$3" = "$boot" ] || return 1
  stat_of "$1"
  [ -z "$p_start" ] || [ "$p_start" = "$2" ] || return 1
  for p_dir in /proc/[0-9]*; do
    stat_of "\${p_dir#/proc/}"
    [ "$p_group" != "$1" ] || [ "$p_state" = Z ] || return 0
  done
  return 1
}
end_group() {
  tries=0
  while group_alive "$1" "$2" "$3"; do
    [ "$tries" -lt 20 ] || return 1
    kill -9 "-$1" 2>/dev/null
    tries=$((tries + 1))
    nap
  done
}
lock() {
  exec 9>>"$home/lock"
  until flock -n 9; do
    up
    [ "$now" -lt "$1" ] || return 1
    nap
  done
}
unlock() {
  exec 9>&-
}
load() {
  s_claim= s_action=none s_gen=0 s_epoch=0 s_step=0 s_part=0 s_owner=0 s_start=0 s_boot=none
  s_phase=none s_exit=0 s_took=0 s_instance=unknown s_until=0
  [ -e "$home/state" ] || return 0
  {
    IFS= read -r s_claim && read -r w1 s_gen s_epoch s_step s_part s_action && read -r w2 s_owner s_start s_boot &&
      read -r w3 s_phase s_exit s_took && read -r w4 s_instance && read -r w5 s_until && read -r w6
  } <"$home/state" && [ "$w1$w2$w3$w4$w5$w6" = posownerphaseinstanceuntilend ] || return 1
  for number in "$s_gen" "$s_epoch" "$s_step" "$s_part" "$s_owner" "$s_start" "$s_exit" "$s_took" "$s_until"; do
    case $number in '' | *[!0-9]*) return 1 ;; esac
  done
}
save() {
  printf '%s\\npos %s %s %s %s %s\\nowner %s %s %s\\nphase %s %s %s\\ninstance %s\\nuntil %s\\nend\\n' \\
    "$s_claim" "$s_gen" "$s_epoch" "$s_step" "$s_part" "$s_action" "$s_owner" "$s_start" "$s_boot" \\
    "$s_phase" "$s_exit" "$s_took" "$s_instance" "$s_until" >"$home/state.new" &&
    sync "$home/state.new" && mv -f "$home/state.new" "$home/state" && sync "$home"
}
load_leader() {
  l_claim= l_pid= l_start= l_boot=
  [ ! -s "$home/leader" ] || read -r l_claim l_pid l_start l_boot <"$home/leader"
}
compare() {
  for pair in "$gen $s_gen" "$epoch $s_epoch" "$step $s_step" "$part $s_part"; do
    [ "\${pair% *}" -ge "\${pair#* }" ] || { order=lower; return; }
    [ "\${pair% *}" -le "\${pair#* }" ] || { order=higher; return; }
  done
  order=equal
}
is_running() {
  [ "$s_phase" = starting ] || return 1
  is_alive "$s_owner" "$s_start" "$s_boot" && return 0
  load_leader
  [ "$l_claim" = "$s_claim" ] && group_alive "$l_pid" "$l_start" "$l_boot"
}
changes_instance() {
  case $action in start | stop | fence | adopt) return 0 ;; esac
  return 1
}
`;
