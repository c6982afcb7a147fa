// The fence device: a power switch that stands outside the nodes. `off NODE` ends every process of the node's namespace, from
// outside and by process id, and `state NODE` tells. Arguments: log, then NODE=inode of its network namespace, and a pretence.
import { appendFileSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { bootMs } from './boot-clock.ts';
import { FENCE_ADDRESSES, POWER_PORT } from './hosts.ts';

const LOOK_MS = 10;
const ASK_OCTETS_MAX = 100;
const [log = '', ...rest] = process.argv.slice(2);
/** With `--idle` it says that it is off and leaves everything running: what a mutation of the tests needs. */
const isIdle = rest.includes('--idle');
const namespaces: ReadonlyMap<string, string> = new Map(
  rest.filter((arg) => arg.includes('=')).map((arg) => [arg.split('=')[0] ?? '', arg.split('=')[1] ?? '']),
);
const states: Record<string, 'on' | 'off' | 'ending'> = {};

function note(...words: readonly (string | number)[]): void {
  appendFileSync(log, `${bootMs()} ${words.join(' ')}\n`);
}

async function answer(line: string, asker: string): Promise<string> {
  const [word = '', node = '', op = 'none'] = line.split(' ');
  if (!namespaces.has(node)) return 'error';
  if (word === 'state') return (states[node] ?? 'on') === 'off' ? 'off' : 'on';
  if (word === 'on') {
    note('on', node, asker);
    states[node] = 'on';
    return 'done';
  }
  if (word !== 'off') return 'error';
  note('off', node, asker, op);
  if (!isIdle) await switchOff(node);
  states[node] = 'off';
  return 'done';
}

/** Until nothing is left: what was about to be started when the power went is ended too. */
async function switchOff(node: string): Promise<void> {
  states[node] = 'ending';
  for (;;) {
    const pids = processesOf(namespaces.get(node) ?? '');
    if (pids.length === 0) return note('ended', node);
    for (const pid of pids) endQuietly(Number(pid));
    await sleep(LOOK_MS);
  }
}

function processesOf(inode: string): readonly string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isIn(name, inode));
}

/** nft is the network itself, which only visits the namespace to set a rule. */
function isIn(pid: string, inode: string): boolean {
  try {
    if (readlinkSync(`/proc/${pid}/ns/net`) !== `net:[${inode}]`) return false;
    return !['nft', 'ip'].includes(readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
  } catch {
    return false;
  }
}

function endQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

const server = createServer((socket) => {
  let text = '';
  socket.setEncoding('utf8').on('error', () => socket.destroy());
  socket.on('data', (chunk: string) => {
    text += chunk;
    if (text.length > ASK_OCTETS_MAX) socket.destroy();
    else if (text.includes('\n')) void answer(text.trim(), socket.remoteAddress ?? '').then((said) => socket.end(said));
  });
});
server.listen(POWER_PORT, FENCE_ADDRESSES.power);
