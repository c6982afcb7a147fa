// The controller's own bound on a request to the runner (S12, S33). A healthy runner ends its scripts itself; this is for
// one that is stopped or hangs, and must not let an operation wait without end. First the runner is asked to cancel, which
// gives an answer that is already on its way the time to arrive; then it is killed; then it is given up.
import type { Clock } from '../../base/clock.ts';
import type { RunnerRequest } from './runner-protocol.ts';

/** What a loaded machine may need to pass a message on. */
const GRACE_MS = 500;
/** For requests that only write: as long as the guard waits for its lock. */
const RECORD_MAX_MS = 2_000;
/** As long as a runner lets a script run at most; a wrong timeout is refused by the runner itself. */
const TIMEOUT_MAX_MS = 86_400_000;

export type Bound = {
  readonly clock: Clock;
  /** In which the runner is to have answered; counted from now. */
  readonly limitMs: number;
  /** What the runner needs to end a script (S9). */
  readonly killMs: number;
  /** What a new runner needs to start and end the orphans. */
  readonly replaceMs: number;
  /** The caller: when it gives up, the runner gets its kill time and no more. */
  readonly signal: AbortSignal;
};

export type BoundSteps = {
  readonly cancel: () => void;
  readonly kill: () => void;
  readonly giveUp: () => void;
};

/** Milliseconds in which a healthy runner ends the work of this request. */
export function limitOf(request: RunnerRequest): number {
  if (request.kind !== 'run') return RECORD_MAX_MS;
  const { timeoutMs } = request.request;
  return timeoutMs > 0 ? Math.min(timeoutMs, TIMEOUT_MAX_MS) : RECORD_MAX_MS;
}

/** Takes one step after the other until stopped: at the latest `limitMs` + 2 `killMs` + 1 s + `replaceMs` from now, all of them. */
export function boundRequest(bound: Bound, steps: BoundSteps): Disposable {
  const { clock, limitMs, killMs, replaceMs, signal } = bound;
  const cancel = () => {
    if (isCancelled) return;
    isCancelled = true;
    timer.stop();
    steps.cancel();
    timer = clock.timer(killMs + GRACE_MS, () => {
      steps.kill();
      timer = clock.timer(replaceMs, steps.giveUp);
    });
  };
  let isCancelled = false;
  let timer = clock.timer(limitMs + killMs + GRACE_MS, cancel);
  signal.addEventListener('abort', cancel, { once: true });
  return {
    [Symbol.dispose]: () => {
      timer.stop();
      signal.removeEventListener('abort', cancel);
    },
  };
}
