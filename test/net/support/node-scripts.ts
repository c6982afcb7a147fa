// What lies on the disk of a node: the guard that ssh calls (S12, S13), the script that starts and stops the service, and the
// one that writes down how long each instance lived, by the clock that all machines of the test share.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mainAddress, type NodeName } from './hosts.ts';

const INSTANCE = fileURLToPath(new URL('./instance-process.ts', import.meta.url));

/** Files of a node that its scripts write. */
export const EFFECTS_LOG = 'effects.log';
/** All nodes write into this one: `TIME born NODE EPOCH PID` and `TIME died NODE PID`. */
export const LIVES_LOG = 'lives.log';

/** Makes the folder of a node inside `directory`. */
export function writeNodeFiles(directory: string, node: NodeName): string {
  const folder = join(directory, `node-${node}`);
  mkdirSync(folder);
  writeFileSync(join(folder, EFFECTS_LOG), '');
  const life = lifeScript(node, join(directory, LIVES_LOG));
  const scripts = { 'guard.sh': GUARD, 'act.sh': actScript(node, join(directory, LIVES_LOG)), 'life.sh': life };
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

const UP = `up() {
  read -r seconds rest < /proc/uptime
  fraction=\${seconds#*.}
  echo $((\${seconds%.*} * 1000 + \${fraction#0} * 10))
}
`;

/**
 * `guard.sh status` or `guard.sh act ACTION GENERATION EPOCH STEP OPERATION PROBER SECONDS`. It says hello with a nonce and acts
 * only on \`go\` with it within two seconds of a clock that counts suspension. The position is on disk before anything acts; a
 * lower one is refused, an equal one is answered with what is recorded (S12).
 */
const GUARD = `#!/bin/sh
${UP}
alive() {
  read -r pid 2> /dev/null < instance && grep -q instance "/proc/$pid/cmdline" 2> /dev/null
}
g=0 e=0 s=0 seen=none
[ ! -f position ] || read -r g e s seen < position
if [ "$1" = status ]; then
  running=false role=stopped
  flock -n lock true || running=true
  [ $running = false ] || [ "$seen" != start ] || role=starting
  if alive; then role=active; fi
  last=none
  [ ! -f result ] || read -r last code < result
  echo "status $role $running $g $e $s $last"
  exit 0
fi
action=$2 generation=$3 epoch=$4 step=$5 op=$6 prober=$7 seconds=$8
said() {
  echo "$(up) $1 $action $generation $epoch $step $op $prober" >> effects.log
}
in_time() {
  [ $(($(up) - asked)) -le 2000 ]
}
read -r nonce < /proc/sys/kernel/random/uuid
asked=$(up)
echo "hello $nonce"
read -r word answer
if [ "$word $answer" != "go $nonce" ] || ! in_time; then echo "result refused 0 too late"; exit 0; fi
exec 9> lock
if ! flock -w 1 9 || ! in_time; then echo "result refused 0 another script runs"; exit 0; fi
[ ! -f position ] || read -r g e s seen < position
order=$(printf '%s %s %s\\n%s %s %s\\n' $generation $epoch $step $g $e $s | sort -n -k1,1 -k2,2 -k3,3 | head -n 1)
if [ "$generation $epoch $step" = "$g $e $s" ]; then
  if [ "$seen" = "$action" ] && [ -f result ]; then
    read -r kind code < result
    echo "result $kind $code repeated"
  else
    echo "result failed 0 nothing is known of this step"
  fi
  exit 0
fi
if [ "$order" = "$generation $epoch $step" ]; then
  said refuse
  echo "result refused 0 the node has seen $g $e $s"
  exit 0
fi
echo "$generation $epoch $step $action" > position.new
sync position.new
rm -f result
mv position.new position
said begin
if [ "$action" = adopt ]; then
  if alive; then code=0; else code=1; fi > output 2>&1
else
  timeout -k 1 "$seconds" ./act.sh "$action" "$epoch" > output 2>&1 9>&-
  code=$?
fi
case $code in 0) kind=done ;; 124 | 137) kind=timeout ;; *) kind=failed ;; esac
echo "$kind $code" > result.new
mv result.new result
said "$kind"
echo "result $kind $code first"
tail -c 2000 output
`;

function actScript(node: NodeName, lives: string): string {
  return `#!/bin/sh
${UP}
alive() {
  read -r pid 2> /dev/null < instance && grep -q instance "/proc/$pid/cmdline" 2> /dev/null
}
case "$1" in
  start)
    if alive; then echo 'it runs already'; exit 0; fi
    rm -f instance
    setsid ./life.sh "$2" < /dev/null > /dev/null 2>&1 &
    while [ ! -s instance ]; do sleep 0.02; done ;;
  stop)
    alive || exit 0
    kill -9 "$pid"
    while grep -q . "/proc/$pid/cmdline" 2> /dev/null; do sleep 0.02; done
    echo "$(up) died ${node} $pid" >> ${lives}
    rm -f instance ;;
esac
`;
}

/** A life begins before the instance is there and ends after it is gone: what is written can only be too long. */
function lifeScript(node: NodeName, lives: string): string {
  const instance = `${process.execPath} ${INSTANCE} ${mainAddress(node)} ${node}`;
  return `#!/bin/sh
${UP}
born=$(up)
sh -c 'echo "$0 born ${node} $1 $$" >> ${lives}; echo $$ > instance; exec ${instance} $1' "$born" "$1" 2>> instance.log &
pid=$!
wait $pid
echo "$(up) died ${node} $pid" >> ${lives}
`;
}
