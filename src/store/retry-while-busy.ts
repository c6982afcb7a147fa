// Waits for a lock that another process holds, without holding up this one: short attempts, and sleeps in between.
import type { Clock } from '../base/clock.ts';
import { OneupError } from '../base/oneup-error.ts';

/** The first sleep is about one commit of somebody else; the last keeps a long wait cheap. */
const PAUSE_MIN_MS = 1;
const PAUSE_MAX_MS = 16;

export type LockWait = {
  readonly clock: Clock;
  /** Longest wait in milliseconds. */
  readonly lockWaitMs: number;
  readonly signal: AbortSignal;
};

/** Result of the first attempt that does not throw ONEUP_STORE_BUSY; throws that error once `lockWaitMs` have passed. */
export async function retryWhileBusy<T>(attempt: () => T, { clock, lockWaitMs, signal }: LockWait): Promise<T> {
  const startMonoMs = clock.monotonicMs();
  for (let pauseMs = PAUSE_MIN_MS; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS)) {
    try {
      return attempt();
    } catch (error) {
      const isBusy = error instanceof OneupError && error.code === 'ONEUP_STORE_BUSY';
      if (!isBusy || clock.monotonicMs() - startMonoMs >= lockWaitMs) throw error;
    }
    await clock.sleep(pauseMs, { signal });
  }
}
