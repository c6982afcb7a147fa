// The clocks of this machine behind the `Clock` type, and the only place that reads them or sets a timer. It decides which
// clock counts suspension: the kernel's uptime where there is one, else the further of monotonic and wall time (S2).
import { setTimeout as sleepFor } from 'node:timers/promises';
import type { Clock, Timer } from '../base/clock.ts';
import { openBootClock, UPTIME_PATH } from './boot-clock.ts';

/** Longest delay a Node timer takes; it fires a longer one at once, which would turn a long wait into none. */
const TIMER_MAX_MS = 2 ** 31 - 1;

export type SystemClock = Clock & Disposable;

/**
 * Opens the clocks. One per process is enough; disposing closes the file behind `bootMs`.
 * `uptimePath` is for tests: where it cannot be read, `bootMs` falls back to max(monotonic, wall) (S2).
 */
export function createSystemClock({ uptimePath = UPTIME_PATH }: { readonly uptimePath?: string } = {}): SystemClock {
  const readings = { monotonicMs: () => performance.now(), wallMs: () => Date.now() };
  const boot = openBootClock(uptimePath, readings);
  return Object.freeze({
    ...readings,
    bootMs: () => boot.nowMs(),
    sleep: (ms: number, { signal }: { readonly signal: AbortSignal }) => sleepUntilAborted(ms, signal),
    timer: startTimer,
    [Symbol.dispose]: () => boot[Symbol.dispose](),
  }) satisfies SystemClock;
}

async function sleepUntilAborted(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleepFor(delayMs(ms), undefined, { signal });
  } catch (cause) {
    // Node rejects with an AbortError of its own; callers were promised the reason they gave.
    throw signal.aborted ? signal.reason : cause;
  }
}

function startTimer(ms: number, fire: () => void): Timer {
  const handle = setTimeout(fire, delayMs(ms));
  handle.unref();
  return { stop: () => clearTimeout(handle) };
}

function delayMs(ms: number): number {
  if (!(ms <= TIMER_MAX_MS)) throw new RangeError(`Cannot wait: at most ${TIMER_MAX_MS} ms, value was ${ms}`);
  return Math.max(0, ms);
}
