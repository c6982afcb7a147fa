// A real keeper on a state directory of its own, and what a test needs to look at its processes. Disposing it kills the keeper
// by its process id, with everything that is bound to it.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSystemClock, type SystemClock } from '../../src/clock/system-clock.ts';
import { type KeeperHandle, type StartKeeperOptions, startKeeper } from '../../src/keeper/start-keeper.ts';
import type { KeeperHello, KeptService, SpawnAnswer, SpawnRequest } from '../../src/ports/keeper.ts';

/** Generous: other suites may use the machine. */
const PATIENCE_MS = 60_000;
const LOOK_MS = 20;

export type KeeperBench = AsyncDisposable & {
  readonly clock: SystemClock;
  readonly stateDir: string;
  readonly keeper: KeeperHandle;
  /** Another agent on the same directory; the caller disposes it. */
  readonly connect: () => KeeperHandle;
  readonly hello: () => Promise<KeeperHello>;
  readonly view: (service?: string) => Promise<KeptService | undefined>;
  readonly arm: (aheadMs: number, epoch?: number) => Promise<boolean>;
  /** A shell script as a service. */
  readonly spawn: (script: string, request?: Partial<SpawnRequest>) => Promise<SpawnAnswer>;
  readonly stop: (graceMs: number) => Promise<string>;
  readonly path: (name: string) => string;
  readonly read: (name: string) => string;
  /** Waits for a file that a script writes its process id to, and reads it. */
  readonly pidIn: (name: string) => Promise<number>;
};

export const SERVICE = 'web';
export const SCRIPT_ENV = { PATH: '/usr/bin:/bin' };

export function patience(): { readonly signal: AbortSignal } {
  return { signal: AbortSignal.timeout(PATIENCE_MS) };
}

export function openKeeperBench(options: Partial<StartKeeperOptions> = {}): KeeperBench {
  const clock = createSystemClock();
  const stateDir = options.stateDir ?? mkdtempSync(join(tmpdir(), 'oneup-keeper-'));
  const { PATH } = process.env;
  const connect = () => startKeeper({ clock, stateDir, parentEnv: { PATH }, watchdogPath: null, ...options });
  const keeper = connect();
  const path = (name: string) => join(stateDir, name);
  return {
    clock,
    stateDir,
    keeper,
    connect,
    hello: () => keeper.hello(patience()),
    view: async (service = SERVICE) =>
      (await keeper.hello(patience())).services.find((kept) => kept.service === service),
    arm: (aheadMs, epoch = 1) =>
      keeper.arm({ service: SERVICE, epoch, deadlineBootMs: clock.bootMs() + aheadMs }, patience()),
    spawn: (script, request = {}) => keeper.spawn({ ...spawnOf(script), cwd: stateDir, ...request }, patience()),
    stop: async (graceMs) => (await keeper.stop({ service: SERVICE, graceMs }, patience())).kind,
    path,
    read: (name) => readFileSync(path(name), 'utf8'),
    pidIn: async (name) => {
      await eventually(() => existsSync(path(name)) && readFileSync(path(name), 'utf8').endsWith('\n'), name);
      return Number(readFileSync(path(name), 'utf8'));
    },
    [Symbol.asyncDispose]: async () => {
      keeper[Symbol.dispose]();
      await endKeepersOf(stateDir);
      rmSync(stateDir, { recursive: true, force: true });
      clock[Symbol.dispose]();
    },
  };
}

export function spawnOf(script: string): SpawnRequest {
  return { service: SERVICE, epoch: 1, step: 1, argv: ['/bin/sh', '-c', script], cwd: null, env: SCRIPT_ENV };
}

/** A line of a shell script: its process id as the machine sees it, because `$$` counts in the namespace of the service. */
export function notePid(file: string): string {
  return `read -r pid rest < /proc/self/stat; echo "$pid" > ${file}`;
}

export async function eventually(isDone: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (!(await isDone())) {
    if (performance.now() > until) throw new Error(`Cannot go on: waited ${PATIENCE_MS} ms for ${what}`);
    await sleep(LOOK_MS);
  }
}

/** Whether it runs code; a zombie does not. */
export function isRunning(pid: number): boolean {
  const state = processState(pid);
  return state !== null && state !== 'Z' && state !== 'X';
}

export function processState(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.charAt(text.lastIndexOf(')') + 2);
  } catch {
    return null;
  }
}

/** Keepers are found by their arguments: the test may have lost the one it knew. */
export function keepersOf(stateDir: string): readonly number[] {
  return findProcesses((words) => words.some((word) => KEEPER.test(word)) && words.includes(stateDir));
}

/** Whatever the keeper started with the directory among its arguments, the keeper itself left out. */
export function processesNaming(stateDir: string): readonly number[] {
  return findProcesses((words) => !words.some((word) => KEEPER.test(word)) && words.join(' ').includes(stateDir));
}

const KEEPER = /keeper-process\.(ts|js)$/;

function findProcesses(isWanted: (words: readonly string[]) => boolean): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => isWanted(commandLine(pid)));
}

async function endKeepersOf(stateDir: string): Promise<void> {
  for (const pid of keepersOf(stateDir)) process.kill(pid, 'SIGKILL');
  await eventually(() => !keepersOf(stateDir).some(isRunning), 'the keeper to end');
}

function commandLine(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
