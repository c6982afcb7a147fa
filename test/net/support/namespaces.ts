// Network namespaces whose names carry the process id of their owner: made, looked into and removed with everything in them.
// Leftovers of an owner that is dead are removed; those of a living one are left alone.
import { setTimeout as sleep } from 'node:timers/promises';
import { runProgram, tryProgram } from './run-program.ts';

const PREFIX = 'oneup-net-';
const END_TRIES_MAX = 200;
const END_LOOK_MS = 20;

/** Null when this process may make namespaces; otherwise the reason why not, in one line. */
export function whyNoNamespaces(): string | null {
  if (process.getuid?.() !== 0) return 'network tests need root';
  const name = `${PREFIX}${process.pid}-try`;
  try {
    runProgram('ip', ['netns', 'add', name]);
    runProgram('ip', ['netns', 'exec', name, 'nft', 'list', 'ruleset']);
    return null;
  } catch (error) {
    return `network namespaces are not to be had: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    tryProgram('ip', ['netns', 'del', name]);
  }
}

export function namespaceOf(host: string): string {
  return `${PREFIX}${process.pid}-${host}`;
}

export function addNamespace(host: string): void {
  const name = namespaceOf(host);
  runProgram('ip', ['netns', 'add', name]);
  runProgram('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
}

/** What an earlier run left behind when it was killed. */
export async function removeLeftovers(): Promise<void> {
  for (const name of namespaceNames()) {
    const owner = Number(name.slice(PREFIX.length).split('-')[0]);
    if (!isAlive(owner)) await removeNamed(name);
  }
}

export async function removeNamespace(host: string): Promise<void> {
  await removeNamed(namespaceOf(host));
}

/** Program and arguments that run `argv` inside the namespace of a host; the process id stays that of `argv`. */
export function inNamespace(host: string, argv: readonly string[]): readonly [string, readonly string[]] {
  return ['ip', ['netns', 'exec', namespaceOf(host), ...argv]];
}

async function removeNamed(name: string): Promise<void> {
  await endAll(name);
  tryProgram('ip', ['netns', 'del', name]);
}

async function endAll(name: string): Promise<void> {
  for (let tries = 0; tries < END_TRIES_MAX; tries += 1) {
    const pids = tryProgram('ip', ['netns', 'pids', name]).split('\n').filter(Boolean).map(Number);
    if (pids.length === 0) return;
    for (const pid of pids) endQuietly(pid);
    await sleep(END_LOOK_MS);
  }
  throw new Error(`Cannot end the processes of ${name}: some are still there`);
}

function namespaceNames(): readonly string[] {
  const lines = tryProgram('ip', ['netns', 'list']).split('\n');
  return lines.map((line) => line.split(' ')[0] ?? '').filter((name) => name.startsWith(PREFIX));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
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
