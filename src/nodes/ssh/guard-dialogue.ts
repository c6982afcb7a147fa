// The part of the remote guard that speaks (S12): POSIX shell. Hello with a nonce, then nothing without \`go\` and this nonce within
// two seconds of /proc/uptime; a controller that says nothing is hung up on after ten.

export const GUARD_DIALOGUE = `say_result() {
  echo "oneup1 result $1 $s_phase $s_exit $s_took"
  echo 'oneup1 output'
  cat "$home/out.$s_claim" 2>/dev/null
}
await_other() {
  while load && compare && [ "$order$s_phase" = equalstarting ]; do
    up
    if ! is_running || [ "$now" -gt $((s_until + 500)) ]; then
      lock $((now + 200)) || fail 'another guard holds the lock for too long'
      load && compare && [ "$order$s_phase" = equalstarting ] || break
      load_leader
      if [ "$l_claim" = "$s_claim" ]; then end_group "$l_pid" "$l_start" "$l_boot"; fi
      finish killed 0 0 || fail "the state in $home cannot be written"
      break
    fi
    nap
    nap
  done
  unlock
  [ "$order" = equal ] || fail 'a higher step took its place (S12)'
  say_result repeated
}
tell() {
  load || fail "the state in $home cannot be read: it is damaged"
  case $1 in
    0) if [ "$s_claim" = "$nonce" ]; then say_result first; else echo 'oneup1 result first done 0 0'; fi ;;
    10) echo "oneup1 refused $s_action $s_gen $s_epoch $s_step $s_part" ;;
    11) fail 'another guard holds the lock for too long' ;;
    12) echo 'oneup1 late' ;;
    13) fail "the state in $home cannot be read: it is damaged" ;;
    14) fail "the state in $home cannot be written" ;;
    15) fail 'a script of an earlier step still runs; wait for its end' ;;
    16) fail 'a script of an earlier step does not end' ;;
    17) fail 'a higher step took its place (S12)' ;;
    20) say_result repeated ;;
    21) await_other ;;
    *) fail "the guard ended with $1" ;;
  esac
}
greet() {
  for program in flock setsid sync mkfifo; do
    command -v "$program" >/dev/null || fail "the node has no program $program"
  done
  mkdir -p "$home" 2>/dev/null && [ -w "$home" ] && [ -x "$home" ] ||
    fail "the state directory $home cannot be written; create $base for the user of the action or set stateDir"
  load || fail "the state in $home cannot be read: it is damaged"
  read -r nonce </proc/sys/kernel/random/uuid
  up
  asked=$now limit=$((now + 200))
  echo "oneup1 hello $nonce $boot $asked $s_gen $s_epoch $s_step $s_part"
  (sleep 10; kill -9 $$) </dev/null >/dev/null 2>&1 &
  patience=$!
  word= said=
  read -r word said
  kill "$patience" 2>/dev/null
  [ "$word $said" = "go $nonce" ] || exit 4
  up
  [ "$now" -le "$limit" ] || { echo 'oneup1 late'; exit 5; }
}
report() {
  if [ -e "$base" ] && [ ! -x "$base" ]; then fail "the state directory $base cannot be read"; fi
  if [ -e "$home" ] && [ ! -x "$home" ]; then fail "the state directory $home cannot be read"; fi
  load || fail "the state in $home cannot be read: it is damaged"
  running=no same=no
  if is_running; then running=yes; fi
  [ "$s_boot" != "$boot" ] || same=yes
  echo "oneup1 status $s_gen $s_epoch $s_step $s_part $s_action $s_phase $s_exit $s_took $s_instance $running $same"
  echo 'oneup1 output'
  [ -z "$s_claim" ] || cat "$home/out.$s_claim" 2>/dev/null
}
question() {
  (umask "$mask"; set -- "$setsid" "$@"; variables; exec "$@") </dev/null &
  pid=$!
  up
  watch "$pid" $((now + timeout)) /dev/null >/dev/null 2>&1 &
  watcher=$!
  wait "$pid"
  code=$?
  kill "$watcher" 2>/dev/null
  echo "oneup1 exit $code" >&2
}
main() {
  mask=$(umask)
  umask 077
  base=$dir home=$dir/$cluster/$service/$node
  setsid=$(command -v setsid) || fail 'the node has no program setsid'
  read -r boot </proc/sys/kernel/random/boot_id || fail 'the node has no /proc of Linux'
  case $mode in
    status) report ;;
    query) question "$@" ;;
    *)
      greet
      (supervise "$@") </dev/null >/dev/null 2>&1 &
      wait $!
      tell $?
      ;;
  esac
}
`;
