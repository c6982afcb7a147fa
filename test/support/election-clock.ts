// The clocks of one candidate: those of the machine, but its wall clock can be wrong, and its timers can stand still while time
// goes on, as they do in a process that was stopped (`SIGSTOP`).
import type { Clock } from '../../src/base/clock.ts';

export type ElectionClock = Clock & {
  readonly shiftWall: (ms: number) => void;
  /** What falls due meanwhile fires when the timers go on. */
  readonly setStopped: (stopped: boolean) => void;
};

export function createElectionClock(true_: Clock): ElectionClock {
  let wallShiftMs = 0;
  let isStopped = false;
  const due = new Set<() => void>();
  const timer: Clock['timer'] = (ms, fire) => {
    const inner = true_.timer(ms, () => void (isStopped ? due.add(fire) : fire()));
    return {
      stop: () => {
        inner.stop();
        due.delete(fire);
      },
    };
  };
  return {
    monotonicMs: true_.monotonicMs,
    bootMs: true_.bootMs,
    wallMs: () => true_.wallMs() + wallShiftMs,
    timer,
    sleep: (ms, { signal }) => sleepBy(timer, ms, signal),
    shiftWall: (ms) => {
      wallShiftMs = ms;
    },
    setStopped: (stopped) => {
      isStopped = stopped;
      if (stopped) return;
      const fires = [...due];
      due.clear();
      for (const fire of fires) fire();
    },
  };
}

function sleepBy(timer: Clock['timer'], ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => {
      running.stop();
      reject(signal.reason);
    };
    const running = timer(ms, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
