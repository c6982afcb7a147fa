// A clock that moves only when a test says so: fires timers and sleeps in the order they are due, and lets every promise
// settle in between. It can run at another rate than its neighbours, stall like a stopped process, or sleep like a laptop.
import { setImmediate as settle } from 'node:timers/promises';
import type { Clock, Timer } from '../../src/base/clock.ts';

export type FakeClock = Clock & {
  /** Moves time by `ms` of true time (times `rate` on this clock), firing everything that falls due on the way. */
  readonly advance: (ms: number) => Promise<void>;
  /** The process is stopped for `ms`: time passes, nothing fires until the next `advance`. */
  readonly stall: (ms: number) => void;
  /** The machine is suspended for `ms`: boot and wall time pass, monotonic time and timers stand still. */
  readonly suspend: (ms: number) => void;
  /** Sets the wall clock `ms` ahead (or back, if negative). */
  readonly shiftWall: (ms: number) => void;
  /** Timers and sleeps that have not fired. */
  readonly pendingCount: () => number;
};

export type FakeClockOptions = {
  /** How fast this clock runs against true time [1]. */
  readonly rate?: number;
  /** First reading of the monotonic and the boot clock [1000]. */
  readonly startMs?: number;
  readonly startWallMs?: number;
};

type Pending = { readonly dueMonoMs: number; readonly fire: () => void };

/** 2026-01-01T00:00:00Z. */
const DEFAULT_WALL_MS = 1_767_225_600_000;

export function createFakeClock(options: FakeClockOptions = {}): FakeClock {
  const { rate = 1, startMs = 1_000, startWallMs = DEFAULT_WALL_MS } = options;
  const now = { monoMs: startMs, bootMs: startMs, wallMs: startWallMs };
  const pending = new Set<Pending>();

  function pass(ms: number): void {
    now.monoMs += ms;
    now.bootMs += ms;
    now.wallMs += ms;
  }

  function start(ms: number, fire: () => void): Timer {
    const entry = { dueMonoMs: now.monoMs + Math.max(0, ms), fire };
    pending.add(entry);
    return { stop: () => void pending.delete(entry) };
  }

  async function advance(trueMs: number): Promise<void> {
    const untilMonoMs = now.monoMs + trueMs * rate;
    await settle();
    for (let next = earliest(pending, untilMonoMs); next !== null; next = earliest(pending, untilMonoMs)) {
      pending.delete(next);
      pass(Math.max(0, next.dueMonoMs - now.monoMs));
      next.fire();
      await settle();
    }
    pass(Math.max(0, untilMonoMs - now.monoMs));
  }

  return {
    monotonicMs: () => now.monoMs,
    bootMs: () => now.bootMs,
    wallMs: () => now.wallMs,
    timer: start,
    sleep: (ms, { signal }) => sleepOn(start, ms, signal),
    advance,
    stall: (ms) => pass(ms * rate),
    suspend: (ms) => {
      now.bootMs += ms;
      now.wallMs += ms;
    },
    shiftWall: (ms) => {
      now.wallMs += ms;
    },
    pendingCount: () => pending.size,
  };
}

/** The entry due first and not after `untilMonoMs`; of two due together the one started first. */
function earliest(pending: ReadonlySet<Pending>, untilMonoMs: number): Pending | null {
  let first: Pending | null = null;
  for (const entry of pending) {
    if (entry.dueMonoMs <= untilMonoMs && (first === null || entry.dueMonoMs < first.dueMonoMs)) first = entry;
  }
  return first;
}

function sleepOn(start: Clock['timer'], ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const timer = start(ms, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    function onAbort(): void {
      timer.stop();
      reject(signal.reason);
    }
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
