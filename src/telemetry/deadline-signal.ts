// One signal for two ends of a delivery: the channel's own time limit, and the end of whoever ordered it.
import type { Clock } from '../base/clock.ts';

export type DeadlineSignal = Disposable & {
  readonly signal: AbortSignal;
  /** Whether the time limit was what ended it. */
  readonly isOver: () => boolean;
};

/** Dispose it as soon as the delivery is over, or its timer goes on. */
export function deadlineSignal(
  outer: AbortSignal,
  { timeoutMs, clock }: { readonly timeoutMs: number; readonly clock: Clock },
): DeadlineSignal {
  const own = new AbortController();
  const timer = clock.timer(timeoutMs, () => own.abort());
  return {
    signal: AbortSignal.any([outer, own.signal]),
    isOver: () => own.signal.aborted,
    [Symbol.dispose]: () => timer.stop(),
  };
}
