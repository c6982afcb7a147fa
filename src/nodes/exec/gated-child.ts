// A script behind a gate: its process exists and can be recorded and killed before one word of it has run. The gate is a
// shell that opens only on `go` and only before the deadline that comes with it, so neither a runner that died nor one that
// was stopped in between can start anything late (S8, S12).
import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock } from '../../base/clock.ts';
import { OutputTail } from '../../base/output-tail.ts';
import { endGroup, signalGroup } from './process-group.ts';
import { identifyProcess, type ProcessIdentity } from './process-identity.ts';

/**
 * `read` fails when the runner is gone. /proc/uptime shows hundredths of a second, compared as whole numbers. The script
 * takes the place of the shell, so its process is the recorded one; its input is closed and its outputs are one.
 */
const GATE = `read -r word until || exit 125
[ "$word" = go ] || exit 125
read -r now idle </proc/uptime
[ "\${now%%.*}\${now##*.}" -lt "$until" ] || exit 125
exec "$@" </dev/null 2>&1`;
const GATE_CLOSED_CODE = 125;
/** How long output may still come after the exit; then a daemon holds the pipe and nobody waits for it. */
const DRAIN_MS = 100;
/** Between SIGTERM and SIGKILL when an action reaches its timeout: a tenth of it, at most this. */
const GRACE_MAX_MS = 1_000;

export type ChildEnd = {
  readonly why: 'exited' | 'timeout' | 'aborted';
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Nothing that had to end is left. */
  readonly isGone: boolean;
};

export type GatedChild = {
  readonly leader: ProcessIdentity;
  readonly tail: OutputTail;
  /** Lets the script begin, unless `untilBootMs` has passed by the shell's own reading. */
  readonly open: (untilBootMs: number) => void;
  /** Resolves when the script has ended, by itself, at the timeout or because the signal aborted. Never rejects. */
  readonly ended: (options: { readonly timeoutMs: number; readonly signal: AbortSignal }) => Promise<ChildEnd>;
  /** Kills everything and waits; true when nothing is left. */
  readonly kill: () => Promise<boolean>;
};

type Spawned = {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | null;
};

/** Spawns the gate in a process group of its own. A text is the reason why there is none. */
export async function spawnGatedChild(spec: Spawned, clock: Clock): Promise<GatedChild | string> {
  const child = spawn('/bin/sh', ['-c', GATE, 'oneup', ...spec.argv], {
    cwd: spec.cwd ?? undefined,
    env: spec.env,
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // Writing `go` to a gate that was killed meanwhile; its end is reported by `exit`.
  child.stdin?.on('error', () => {});
  const failed = new Promise<string>((resolve) => child.once('error', (error) => resolve(error.message)));
  if (child.pid === undefined) return await failed;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const leader = identifyProcess(child.pid);
  if (leader === null) return 'the gate ended before it could be recorded';
  const tail = new OutputTail();
  child.stdout?.on('data', (chunk: Buffer) => tail.write(chunk));
  return {
    leader,
    tail,
    open: (untilBootMs) => child.stdin?.end(`go ${Math.floor(untilBootMs / 10)}\n`),
    ended: (options) => awaitEnd({ child, leader, exited, clock }, options),
    kill: () => endGroup(leader, clock),
  };
}

/** Whether this end may be that of a gate that did not open. */
export function isGateClosed({ exitCode }: ChildEnd): boolean {
  return exitCode === GATE_CLOSED_CODE;
}

type Watched = {
  readonly child: ChildProcess;
  readonly leader: ProcessIdentity;
  readonly exited: Promise<void>;
  readonly clock: Clock;
};

async function awaitEnd(watched: Watched, options: Parameters<GatedChild['ended']>[0]): Promise<ChildEnd> {
  const { child, leader, clock } = watched;
  const why = await firstReason(watched, options);
  const isGone = why === 'exited' || (await endGroup(leader, clock));
  await Promise.race([closed(child), clock.sleep(DRAIN_MS, { signal: new AbortController().signal })]);
  // A busy process may hear of the exit first, and come here before it has read what is in the pipe: that comes in between.
  await new Promise<void>((resolve) => setImmediate(resolve));
  if (child.stdout !== null && !child.stdout.destroyed && !child.stdout.readableEnded) leaveDrain(child);
  return { why, exitCode: child.exitCode, signal: child.signalCode, isGone };
}

/** SIGTERM comes early enough for SIGKILL to fall on the timeout itself. */
function firstReason({ child, leader, exited, clock }: Watched, options: Parameters<GatedChild['ended']>[0]) {
  const { timeoutMs, signal } = options;
  return new Promise<ChildEnd['why']>((resolve) => {
    let isTimedOut = false;
    const warn = clock.timer(timeoutMs - Math.min(GRACE_MAX_MS, timeoutMs / 10), () => {
      isTimedOut = true;
      signalGroup(leader, 'SIGTERM');
    });
    const settle = (why: ChildEnd['why']) => {
      warn.stop();
      kill.stop();
      signal.removeEventListener('abort', onAbort);
      resolve(why);
    };
    const kill = clock.timer(timeoutMs, () => settle('timeout'));
    const onAbort = () => settle('aborted');
    signal.addEventListener('abort', onAbort, { once: true });
    exited.then(() => settle(isTimedOut ? 'timeout' : 'exited'));
    if (signal.aborted) onAbort();
    if (child.exitCode !== null || child.signalCode !== null) settle('exited');
  });
}

function closed(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.stdout === null || child.stdout.readableEnded) resolve();
    else child.stdout.once('end', () => resolve());
  });
}

/**
 * A service that a start script left in the background may go on writing to the script's output. Closing our end would kill
 * it with SIGPIPE as soon as the runner goes, so a reader that lives as long as the service takes the output over.
 */
function leaveDrain(child: ChildProcess): void {
  if (child.stdout === null) return;
  child.stdout.pause();
  const drain = spawn('/bin/sh', ['-c', 'exec cat >/dev/null'], {
    cwd: '/',
    detached: true,
    stdio: [child.stdout, 'ignore', 'ignore'],
  });
  const stdout = child.stdout;
  drain.once('error', () => stdout.resume());
  drain.once('spawn', () => stdout.destroy());
  drain.unref();
}
