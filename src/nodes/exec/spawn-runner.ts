// One runner process from the controller's side: started, spoken to, ended. Whether a new one takes its place is decided by
// start-runner.ts.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../base/clock.ts';
import { OneupError } from '../../base/oneup-error.ts';
import { inheritedVariables, type ParentEnvironment } from '../../base/parent-environment.ts';
import type { ActionResult } from '../../ports/node-driver.ts';
import { createLineDecoder, encodeLine, type FromRunner, type ToRunner } from './runner-protocol.ts';

/** A runner starts in half a second; on a machine that needs longer than this nothing would be in time. */
export const RUNNER_START_MAX_MS = 10_000;

export type SpawnRunnerOptions = {
  readonly clock: Clock;
  /** Absolute path of the guard's state file, the same for every process of this machine. */
  readonly guardPath: string;
  readonly parentEnv: ParentEnvironment;
  /** Another entry file; tests use one that stops at will. */
  readonly entry?: string;
};

export type RunnerProcess = {
  readonly pid: number | undefined;
  readonly guardIdentity: string;
  readonly send: (message: ToRunner) => void;
  /** Works on a stopped process too; `onGone` follows unless it hangs in the kernel. */
  readonly kill: () => void;
  /** Lets it end its scripts and itself, and kills it after `maxMs`. Resolves when it is gone or hangs in the kernel. */
  readonly end: (maxMs: number) => Promise<void>;
};

type Listener = {
  readonly onAnswer: (id: number, result: ActionResult) => void;
  /** Called once, after the promise has resolved. */
  readonly onGone: () => void;
};

/** Resolves when the runner is warm and orphaned scripts are ended. Throws ONEUP_RUNNER_FAILED. */
export function spawnRunner(options: SpawnRunnerOptions, { onAnswer, onGone }: Listener): Promise<RunnerProcess> {
  const { entry = defaultEntry(), guardPath, parentEnv, clock } = options;
  // Its own process group: Ctrl-C in a terminal must not end it before it has ended its scripts.
  const child = spawn(process.execPath, [entry, guardPath], {
    env: inheritedVariables(parentEnv),
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const complaint = { text: '' };
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint.text = (complaint.text + chunk.toString()).slice(-COMPLAINT_CHARS);
  });
  // A write to a runner that has just died; `close` follows and deals with it.
  child.stdin?.on('error', () => {});
  return new Promise<RunnerProcess>((resolve, reject) => {
    let isReady = false;
    const fail = (why: string) => {
      timer.stop();
      const said = complaint.text === '' ? '' : `: ${complaint.text.trim()}`;
      reject(new OneupError('ONEUP_RUNNER_FAILED', `Cannot start the runner: ${why}${said}`));
    };
    const timer = clock.timer(RUNNER_START_MAX_MS, () => {
      child.kill('SIGKILL');
      fail(`it was not ready within ${RUNNER_START_MAX_MS} ms`);
    });
    child.on('error', (error) => fail(error.message));
    child.once('close', (code, signal) => {
      if (isReady) onGone();
      else fail(`it ended with ${signal ?? `exit code ${code}`}`);
    });
    const take = (message: FromRunner) => {
      if (message.kind === 'answer') return onAnswer(message.id, message.result);
      timer.stop();
      isReady = true;
      resolve(runnerProcess(child, { clock, guardIdentity: message.guardIdentity }));
    };
    child.stdout?.on('data', createLineDecoder<FromRunner>(take));
  });
}

function runnerProcess(
  child: ChildProcess,
  { clock, guardIdentity }: { readonly clock: Clock; readonly guardIdentity: string },
): RunnerProcess {
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    pid: child.pid,
    guardIdentity,
    send: (message) => void child.stdin?.write(encodeLine(message)),
    kill: () => void child.kill('SIGKILL'),
    end: async (maxMs) => {
      child.stdin?.end();
      const killer = clock.timer(maxMs, () => child.kill('SIGKILL'));
      const waiting = new AbortController();
      const patience = clock.sleep(2 * maxMs, { signal: waiting.signal }).catch(() => undefined);
      await Promise.race([closed, patience]);
      waiting.abort();
      killer.stop();
    },
  };
}

/** End of the runner's complaint that goes into an error message. */
const COMPLAINT_CHARS = 1_000;

/** The same file beside this one, as TypeScript here and as JavaScript once built. */
function defaultEntry(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`./runner-process.${extension}`, import.meta.url));
}
