// One real prober process of a test: its log, its exit code, and its end by process id.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProberName } from './cluster-files.ts';
import { MAIN } from './run-oneup.ts';

const WITH_FAULT_POINTS = fileURLToPath(new URL('./prober-process.ts', import.meta.url));

export type ProberPlace = {
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly hasFaultPoints: boolean;
  /** File for its log [log-<id>]; another process with the same id needs another one. */
  readonly log?: string;
  readonly args?: readonly string[];
};

export type ProberProcess = {
  readonly pid: number;
  readonly isRunning: () => boolean;
  /** It stands still after SIGSTOP. */
  readonly isStopped: () => boolean;
  readonly log: () => string;
  /** Its exit code, null after a signal. */
  readonly ended: Promise<number | null>;
  /** Safe to repeat; a stopped process is ended too. */
  readonly end: (signal: 'SIGTERM' | 'SIGKILL') => Promise<void>;
};

export function startProberProcess(prober: ProberName, place: ProberPlace): ProberProcess {
  const log = join(place.directory, place.log ?? `log-${prober}`);
  const output = openSync(log, 'a');
  const argv = place.hasFaultPoints ? [WITH_FAULT_POINTS, prober] : [MAIN, 'run', '--prober', prober];
  const child = spawn(process.execPath, [...argv, ...(place.args ?? [])], {
    cwd: place.directory,
    env: { ...process.env, ...place.env },
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  let isRunning = true;
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      isRunning = false;
      resolve(code);
    });
  });
  return {
    pid: child.pid ?? 0,
    isRunning: () => isRunning,
    isStopped: () => isRunning && processState(child.pid ?? 0) === 'T',
    log: () => readFileSync(log, 'utf8'),
    ended,
    end: async (signal) => {
      if (!isRunning) return;
      child.kill(signal);
      if (signal === 'SIGTERM') child.kill('SIGCONT');
      await ended;
    },
  };
}

/** One letter of proc(5): `T` for stopped, `Z` for ended and not yet waited for, empty when there is no such process. */
function processState(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).charAt(0);
  } catch {
    return '';
  }
}
