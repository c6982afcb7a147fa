// The controller's right to act as a signal: it aborts when the caller gives up and when the deadline passes (S8), as read on a
// clock that counts suspension, which no timer does (S2).
import type { Clock, Timer } from '../../base/clock.ts';

type Options = { readonly clock: Clock; readonly mayActUntilBootMs: () => number };

export type RightToAct = Disposable & {
  readonly signal: AbortSignal;
  /** Asked at the last moment at which an effect can still be held back. */
  readonly isOver: () => boolean;
  /** Why it ended, or null. */
  readonly reason: () => string | null;
};

const WATCH_MS = 50;

export function watchRight({ clock, mayActUntilBootMs }: Options, caller: AbortSignal): RightToAct {
  const own = new AbortController();
  let timer: Timer | null = null;
  const isOver = () => clock.bootMs() >= mayActUntilBootMs();
  const look = () => {
    if (isOver()) own.abort();
    else timer = clock.timer(WATCH_MS, look);
  };
  look();
  return {
    signal: AbortSignal.any([caller, own.signal]),
    isOver,
    reason: () => {
      if (caller.aborted) return 'the caller gave up';
      return own.signal.aborted || isOver() ? "the controller's right to act has ended (S8)" : null;
    },
    [Symbol.dispose]: () => timer?.stop(),
  };
}
