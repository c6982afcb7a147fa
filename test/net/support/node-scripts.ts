// What lies on the disk of a node beside the memory of the guard: the script that starts and stops the service, and the one
// that writes down how long each instance lived, by the clock that all machines of the test share.
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
  const scripts = { 'act.sh': actScript(node, join(directory, LIVES_LOG)), 'life.sh': life };
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

function actScript(node: NodeName, lives: string): string {
  return `#!/bin/sh
cd "\${0%/*}" || exit 1
${UP}
alive() {
  read -r pid 2> /dev/null < instance && grep -q instance "/proc/$pid/cmdline" 2> /dev/null
}
if [ "$1" = status ]; then
  if alive; then echo active; else echo stopped; fi
  exit 0
fi
step="$ONEUP_ACTION $ONEUP_GENERATION $ONEUP_EPOCH $ONEUP_STEP $ONEUP_OP_ID"
echo "$(up) begin $step \${SSH_CLIENT%% *}" >> ${EFFECTS_LOG}
case "$1" in
  start)
    if alive; then echo 'it runs already'; exit 0; fi
    rm -f instance
    setsid ./life.sh "$ONEUP_EPOCH" < /dev/null > /dev/null 2>&1 &
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
