// The part of the remote guard that acts (S12): POSIX shell. \`supervise\` runs apart from the connection, so a step that has begun
// ends by its own deadline and is recorded whatever becomes of ssh. The first process of a script writes down who it is and
// looks once more whether its claim still stands before it becomes the script; a higher step writes its claim first and looks
// for that process after. One of the two always sees the other, so a replaced script never begins.

export const GUARD_STEPS = `leader='
oneup_claim=$1 oneup_home=$2 oneup_boot=$3 oneup_limit=$4 oneup_line=
shift 4
oneup_ticks() { oneup_start=\${20}; }
read -r oneup_line </proc/$$/stat
oneup_ticks \${oneup_line##*) }
echo "$oneup_claim $$ $oneup_start $oneup_boot" >"$oneup_home/leader" || exit 125
IFS= read -r oneup_line <"$oneup_home/state" && [ "$oneup_line" = "$oneup_claim" ] || exit 125
read -r oneup_line oneup_rest </proc/uptime
[ "\${oneup_line%%.*}\${oneup_line##*.}" -le "$oneup_limit" ] || exit 125
exec "$@" </dev/null'
collect() {
  size=0
  while [ -e "$tail" ]; do
    dd bs=65536 count=64 2>/dev/null >>"$tail" || break
    last=$size
    size=$(wc -c <"$tail") && [ "$size" -gt "$last" ] || break
    if [ "$size" -gt 65536 ]; then
      tail -c 4096 "$tail" >"$tail.new" && mv -f "$tail.new" "$tail" || break
      size=4096
    fi
  done
  exec cat >/dev/null
}
watch() {
  grace=$((timeout / 10))
  [ "$grace" -le 100 ] || grace=100
  while up; [ "$now" -lt $(($2 - grace)) ]; do
    if [ $(($2 - grace - now)) -gt 200 ]; then sleep 1; else nap; fi
  done
  : >"$3"
  kill -15 "-$1" 2>/dev/null
  while up; [ "$now" -lt "$2" ]; do nap; done
  kill -9 "-$1" 2>/dev/null
}
claim() {
  instance=$s_instance
  if changes_instance || [ "$s_boot" != "$boot" ]; then instance=unknown; fi
  read -r self rest </proc/self/stat
  stat_of "$self"
  s_claim=$nonce s_gen=$gen s_epoch=$epoch s_step=$step s_part=$part s_action=$action
  s_owner=$self s_start=$p_start s_boot=$boot s_phase=starting s_exit=0 s_took=0 s_instance=$instance
  s_until=$((now + timeout))
  rm -f "$home"/out.* "$home"/tail.* "$home"/pipe.* "$home"/over.*
  save
}
finish() {
  s_phase=$1 s_exit=$2 s_took=$3
  if [ "$1" = done ]; then
    case $s_action in start | adopt) s_instance=active ;; stop) s_instance=stopped ;; esac
  fi
  save
}
supervise() {
  lock "$limit" || exit 11
  up
  [ "$now" -le "$limit" ] || exit 12
  load || exit 13
  compare
  if [ "$mode" = off ]; then
    [ "$order$s_action" = equalfence ] || exit 10
    s_instance=stopped s_boot=$boot
    save || exit 14
    exit 0
  fi
  [ "$order" != lower ] || exit 10
  if [ "$order" = equal ] && [ -n "$s_claim" ]; then
    [ "$s_action" = "$action" ] || exit 10
    [ "$s_phase" = starting ] && exit 21
    exit 20
  fi
  load_leader
  if [ "$mode" = adopt ]; then
    if group_alive "$l_pid" "$l_start" "$l_boot"; then exit 15; fi
    claim && finish 'done' 0 0 || exit 14
    exit 0
  fi
  claim || exit 14
  began=$now
  if ! end_group "$l_pid" "$l_start" "$l_boot"; then
    finish failed 0 0
    exit 16
  fi
  rm -f "$home/leader"
  up
  execute "$@"
}
execute() {
  tail=$home/tail.$nonce pipe=$home/pipe.$nonce over=$home/over.$nonce until=$((now + timeout))
  : >"$tail" && mkfifo "$pipe" || exit 14
  (exec 9>&-; collect) <"$pipe" &
  (
    exec 9>&-
    umask "$mask"
    # All words before the variables of the action, whose names may be those of the guard.
    set -- "$setsid" /bin/sh -c "$leader" oneup "$nonce" "$home" "$boot" $((now + 200)) "$@"
    variables
    exec "$@"
  ) >"$pipe" 2>&1 &
  pid=$!
  (exec 9>&-; watch "$pid" "$until" "$over") &
  watcher=$!
  unlock
  wait "$pid"
  code=$?
  kill "$watcher" 2>/dev/null
  kind=failed
  [ "$code" != 0 ] || kind='done'
  load_leader
  if [ -e "$over" ]; then
    kind=timeout
    end_group "$l_pid" "$l_start" "$l_boot" || l_claim=
  fi
  nap
  nap
  tail -c 4096 "$tail" >"$home/out.$nonce"
  rm -f "$tail" "$pipe" "$over"
  up
  lock $((now + 1000)) || exit 11
  load || exit 13
  [ "$s_claim$s_phase" = "\${nonce}starting" ] || exit 17
  finish "$kind" "$code" $((now - began)) || exit 14
  [ "$l_claim" != "$nonce" ] || rm -f "$home/leader"
}
`;
