// The controller's end of the runner: starts it before it is needed, tells it the deadline, kills it when it is silent for
// too long, and replaces it when it dies. It decides nothing about steps; a request that a dying runner left unanswered is
// answered `killed` once a new runner has ended the orphaned scripts.
import { OneupError } from '../../base/oneup-error.ts';
import type { ActionResult } from '../../ports/node-driver.ts';
import { faultReason } from '../fault-reason.ts';
import { KILL_TIME_MS } from './process-group.ts';
import { boundRequest, limitOf } from './request-bound.ts';
import type { RunnerRequest, ToRunner } from './runner-protocol.ts';
import { RUNNER_START_MAX_MS, type RunnerProcess, type SpawnRunnerOptions, spawnRunner } from './spawn-runner.ts';

export type Runner = AsyncDisposable & {
  /** Tells the may-act deadline after each renewal; a time that has passed ends every script (S8). */
  readonly setDeadline: (untilBootMs: number) => void;
  /**
   * Never rejects, and always answers: when the signal aborts, and when the runner is silent for longer than the request's
   * timeout allows, the script is killed and the answer says so.
   */
  readonly request: (request: RunnerRequest, options: { readonly signal: AbortSignal }) => Promise<ActionResult>;
  /** Process id of the runner, or null between two of them. */
  readonly pid: () => number | null;
};

export type StartRunnerOptions = SpawnRunnerOptions & {
  /** What the runner needs to end a script, default 1 s (S9); one that is silent for longer is killed. */
  readonly killMs?: number;
};

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

type Pending = {
  readonly runner: RunnerProcess;
  readonly answered: Promise<ActionResult>;
  readonly settle: (result: ActionResult) => void;
};

class RunnerHandle {
  readonly #options: StartRunnerOptions;
  readonly #killMs: number;
  readonly #pending = new Map<number, Pending>();
  #runner: RunnerProcess | null = null;
  #starting: Promise<RunnerProcess> | null = null;
  /** The guard that the first runner opened: a later one must not begin with another, which has forgotten every step. */
  #guardIdentity: string | null = null;
  #untilBootMs = 0;
  #lastId = 0;
  #isClosed = false;

  constructor(options: StartRunnerOptions) {
    this.#options = options;
    this.#killMs = options.killMs ?? KILL_TIME_MS;
  }

  get pid(): number | null {
    return this.#runner?.pid ?? null;
  }

  /** Starts a runner unless one is there. Several callers share one start. */
  start(): Promise<RunnerProcess> {
    if (this.#runner !== null) return Promise.resolve(this.#runner);
    this.#starting ??= this.#spawn().finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  setDeadline(untilBootMs: number): void {
    this.#untilBootMs = untilBootMs;
    this.#runner?.send({ kind: 'deadline', untilBootMs });
  }

  async request(request: RunnerRequest, signal: AbortSignal): Promise<ActionResult> {
    if (this.#isClosed) return withoutRunner('killed', 'Cannot act: oneup stops');
    let runner: RunnerProcess;
    try {
      runner = await this.start();
    } catch (error) {
      return withoutRunner('failed', faultReason(error));
    }
    if (signal.aborted || this.#isClosed)
      return withoutRunner('killed', 'Cannot act: the caller gave up before it began');
    return this.#ask(runner, request, signal);
  }

  async #ask(runner: RunnerProcess, request: RunnerRequest, signal: AbortSignal): Promise<ActionResult> {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#untilBootMs = request.untilBootMs;
    const { promise: answered, resolve: settle } = Promise.withResolvers<ActionResult>();
    this.#pending.set(id, { runner, answered, settle });
    using _bound = boundRequest(
      {
        clock: this.#options.clock,
        limitMs: limitOf(request),
        killMs: this.#killMs,
        replaceMs: RUNNER_START_MAX_MS + this.#killMs,
        signal,
      },
      {
        cancel: () => runner.send({ kind: 'cancel', id }),
        kill: () => this.#discard(runner),
        giveUp: () =>
          this.#answer(id, withoutRunner('killed', 'The runner hangs in the kernel; its script may run on')),
      },
    );
    runner.send({ ...request, id } as ToRunner);
    return await answered;
  }

  /** A runner that had to be killed leaves its scripts to one more, which ends them and is ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#end();
    await Promise.all([...this.#pending.values()].map(({ answered }) => answered));
    await this.#end();
  }

  async #end(): Promise<void> {
    await this.#starting?.catch(() => undefined);
    await this.#runner?.end(2 * this.#killMs);
  }

  async #spawn(): Promise<RunnerProcess> {
    const runner = await spawnRunner(this.#options, {
      onAnswer: (id, result) => this.#answer(id, result),
      onGone: () => void this.#replace(runner),
    });
    this.#guardIdentity ??= runner.guardIdentity;
    if (runner.guardIdentity !== this.#guardIdentity) {
      runner.kill();
      const { guardPath } = this.#options;
      throw new OneupError('ONEUP_GUARD_LOST', `Cannot use ${guardPath}: it was deleted or replaced while in use`);
    }
    this.#runner = runner;
    runner.send({ kind: 'deadline', untilBootMs: this.#untilBootMs });
    return runner;
  }

  #discard(runner: RunnerProcess): void {
    if (this.#runner === runner) this.#runner = null;
    runner.kill();
  }

  #answer(id: number, result: ActionResult): void {
    this.#pending.get(id)?.settle(result);
    this.#pending.delete(id);
  }

  /** The runner is gone. Its scripts may not be: a new one ends them before the open requests are answered. */
  async #replace(gone: RunnerProcess): Promise<void> {
    if (this.#runner === gone) this.#runner = null;
    const open = [...this.#pending].flatMap(([id, { runner }]) => (runner === gone ? [id] : []));
    if (open.length === 0) return;
    let reason = 'The runner ended or had to be killed while the action ran; a new one has ended its processes';
    try {
      await this.start();
    } catch (error) {
      reason = `The runner ended or had to be killed while the action ran: ${faultReason(error)}`;
    }
    for (const id of open) this.#answer(id, withoutRunner('killed', reason));
  }
}

function withoutRunner(kind: ActionResult['kind'], reason: string): ActionResult {
  return { kind, reason, evidence: { exitCode: null, signal: null, output: '', durationMs: 0 }, repeated: false };
}
