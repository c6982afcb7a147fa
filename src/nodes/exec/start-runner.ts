// The controller's end of the runner: starts it before it is needed, tells it the deadline, and replaces it when it dies.
// It decides nothing about steps; a request that a dying runner left unanswered is answered `killed` once a new runner has
// ended the orphaned scripts.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../base/clock.ts';
import { OneupError } from '../../base/oneup-error.ts';
import { inheritedVariables, type ParentEnvironment } from '../../base/parent-environment.ts';
import type { ActionResult } from '../../ports/node-driver.ts';
import { createLineDecoder, encodeLine, type FromRunner, type ToRunner } from './runner-protocol.ts';

export type RunnerRequest = WithoutId<Extract<ToRunner, { id: number; untilBootMs: number }>>;
type WithoutId<T> = T extends { id: number } ? Omit<T, 'id'> : never;

export type Runner = AsyncDisposable & {
  /** Tells the may-act deadline after each renewal; a time that has passed ends every script (S8). */
  readonly setDeadline: (untilBootMs: number) => void;
  /** Never rejects. When the signal aborts, the script is killed and the answer says so. */
  readonly request: (request: RunnerRequest, options: { readonly signal: AbortSignal }) => Promise<ActionResult>;
  /** Process id of the runner, or null between two of them. */
  readonly pid: () => number | null;
};

export type StartRunnerOptions = {
  readonly clock: Clock;
  /** Absolute path of the guard's state file, the same for every process of this machine. */
  readonly guardPath: string;
  readonly parentEnv: ParentEnvironment;
  /** Another entry file; tests use one that stops at will. */
  readonly entry?: string;
};

/** A runner starts in half a second; on a machine that needs longer than this nothing would be in time. */
const START_MAX_MS = 10_000;
/** Longest wait for a runner to end its scripts at close: twice the kill time of S9. */
const CLOSE_MAX_MS = 2_000;

/** Resolves when the runner is warm. Throws ONEUP_RUNNER_FAILED. Dispose it to end it and every script. */
export async function startRunner(options: StartRunnerOptions): Promise<Runner> {
  const handle = new RunnerHandle(options);
  await handle.start();
  return {
    setDeadline: (untilBootMs) => handle.setDeadline(untilBootMs),
    request: (request, { signal }) => handle.request(request, signal),
    pid: () => handle.pid,
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

type Pending = { readonly settle: (result: ActionResult) => void };

class RunnerHandle {
  readonly #options: StartRunnerOptions;
  readonly #pending = new Map<number, Pending>();
  #child: ChildProcess | null = null;
  #starting: Promise<void> | null = null;
  #untilBootMs = 0;
  #lastId = 0;
  #isClosed = false;

  constructor(options: StartRunnerOptions) {
    this.#options = options;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Starts a runner unless one is there. Several callers share one start. */
  start(): Promise<void> {
    if (this.#child !== null && this.#starting === null) return Promise.resolve();
    this.#starting ??= this.#spawn().finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  setDeadline(untilBootMs: number): void {
    this.#untilBootMs = untilBootMs;
    this.#send({ kind: 'deadline', untilBootMs });
  }

  async request(request: RunnerRequest, signal: AbortSignal): Promise<ActionResult> {
    try {
      await this.start();
    } catch (error) {
      return withoutRunner('failed', error instanceof Error ? error.message : String(error));
    }
    if (signal.aborted || this.#isClosed)
      return withoutRunner('killed', 'Cannot act: the caller gave up before it began');
    this.#lastId += 1;
    const id = this.#lastId;
    this.#untilBootMs = request.untilBootMs;
    const cancel = () => this.#send({ kind: 'cancel', id });
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return await new Promise<ActionResult>((settle) => {
        this.#pending.set(id, { settle });
        this.#send({ ...request, id } as ToRunner);
      });
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const child = this.#child;
    if (child === null) return;
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.stdin?.end();
    const timer = this.#options.clock.timer(CLOSE_MAX_MS, () => child.kill('SIGKILL'));
    await ended;
    timer.stop();
  }

  #send(message: ToRunner): void {
    this.#child?.stdin?.write(encodeLine(message));
  }

  #spawn(): Promise<void> {
    const { entry = defaultEntry(), guardPath, parentEnv, clock } = this.#options;
    // Its own process group: Ctrl-C in a terminal must not end it before it has ended its scripts.
    const child = spawn(process.execPath, [entry, guardPath], {
      env: inheritedVariables(parentEnv),
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    let complaint = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(-COMPLAINT_CHARS);
    });
    // A write to a runner that has just died; `exit` follows and deals with it.
    child.stdin?.on('error', () => {});
    return new Promise<void>((resolve, reject) => {
      const fail = (why: string) => {
        const message = `Cannot start the runner: ${why}${complaint === '' ? '' : `: ${complaint.trim()}`}`;
        reject(new OneupError('ONEUP_RUNNER_FAILED', message));
      };
      const timer = clock.timer(START_MAX_MS, () => child.kill('SIGKILL'));
      child.once('error', (error) => {
        this.#child = null;
        fail(error.message);
      });
      child.once('close', (code, signal) => {
        timer.stop();
        fail(`it ended with ${signal ?? `exit code ${code}`}`);
        this.#replace(child);
      });
      const take = (message: FromRunner) => {
        if (message.kind === 'answer') return this.#answer(message.id, message.result);
        timer.stop();
        this.#send({ kind: 'deadline', untilBootMs: this.#untilBootMs });
        resolve();
      };
      child.stdout?.on('data', createLineDecoder<FromRunner>(take));
    });
  }

  #answer(id: number, result: ActionResult): void {
    this.#pending.get(id)?.settle(result);
    this.#pending.delete(id);
  }

  /** The runner is gone. Its scripts may not be: a new one ends them before the open requests are answered. */
  async #replace(gone: ChildProcess): Promise<void> {
    if (this.#child === gone) this.#child = null;
    const open = [...this.#pending.keys()];
    if (open.length === 0) return;
    let reason = 'The runner ended while the action ran; a new one has ended its processes';
    try {
      if (!this.#isClosed) await this.start();
    } catch (error) {
      reason = `The runner ended while the action ran: ${error instanceof Error ? error.message : String(error)}`;
    }
    for (const id of open) this.#answer(id, withoutRunner('killed', reason));
  }
}

/** End of the runner's complaint that goes into an error message. */
const COMPLAINT_CHARS = 1_000;

/** The same file beside this one, as TypeScript here and as JavaScript once built. */
function defaultEntry(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`./runner-process.${extension}`, import.meta.url));
}

function withoutRunner(kind: ActionResult['kind'], reason: string): ActionResult {
  return { kind, reason, evidence: { exitCode: null, signal: null, output: '', durationMs: 0 }, repeated: false };
}
