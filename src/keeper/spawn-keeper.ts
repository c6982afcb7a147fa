// Starts a keeper that outlives whoever starts it: a session of its own, nothing inherited but a way to find programs, and what it
// cannot say in its log goes to the end of its log.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inheritedVariables, type ParentEnvironment } from '../base/parent-environment.ts';
import { findProgram } from './find-tools.ts';
import { keeperPaths } from './keeper-protocol.ts';

export type SpawnKeeperOptions = {
  readonly stateDir: string;
  readonly parentEnv: ParentEnvironment;
  /** A watchdog device for the keeper to write to; null: none. */
  readonly watchdogPath: string | null;
};

/** chrt(1) asks the kernel once and runs a shell that does nothing. */
const TRY_MAX_MS = 5_000;
/** It holds a few small objects; the defaults of Node are for programs that grow. */
const SMALL = ['--max-old-space-size=64', '--max-semi-space-size=1'];

/** Throws when the state directory cannot be used. Whether the keeper comes up shows when it is spoken to. */
export function spawnKeeper({ stateDir, parentEnv, watchdogPath }: SpawnKeeperOptions): void {
  mkdirSync(stateDir, { recursive: true, mode: 0o711 });
  const complaints = openSync(keeperPaths(stateDir).log, 'a', 0o600);
  const watchdog = watchdogPath === null ? [] : ['--watchdog', watchdogPath];
  const [program, ...before] = [...urgently(), process.execPath];
  const child = spawn(program, [...before, ...SMALL, keeperEntry(), stateDir, ...watchdog], {
    env: inheritedVariables(parentEnv),
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'ignore', complaints],
  });
  // Without it nobody answers on the socket, and the caller says so.
  child.on('error', () => {});
  child.unref();
  closeSync(complaints);
}

/**
 * A machine that is short of time must not make a deadline late: the keeper goes before everything that is not urgent itself, and
 * what it starts does not. Empty where this process may not give such a right (as SBD and corosync do; sched(7), SCHED_RR).
 */
function urgently(): readonly string[] {
  const chrt = findProgram('chrt');
  if (chrt === null) return [];
  const words = [chrt, '--reset-on-fork', '--rr', '1'];
  const { status } = spawnSync(chrt, [...words.slice(1), '/bin/sh', '-c', ':'], {
    stdio: 'ignore',
    timeout: TRY_MAX_MS,
    env: {},
  });
  return status === 0 ? words : [];
}

/** The same file beside this one, as TypeScript here and as JavaScript once built. */
function keeperEntry(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`./keeper-process.${extension}`, import.meta.url));
}
