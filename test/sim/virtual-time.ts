// One true time for a whole simulated cluster, and a clock for each process in it. Time jumps to what is due next, so a minute
// costs as much as happens in it. A process can be stopped, continued and killed; the rest goes on.
import { setImmediate as settle } from 'node:timers/promises';
import type { Clock, Timer } from '../../src/base/clock.ts';

type Entry = {
  readonly dueMs: number;
  readonly order: number;
  readonly owner: SimClock;
  readonly fire: () => void;
  isStopped: boolean;
};

export type SimClock = Clock & {
  /** SIGSTOP: nothing of this process fires until `resume`. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** SIGKILL: nothing of this process ever fires again. */
  readonly kill: () => void;
  readonly state: () => 'running' | 'paused' | 'dead';
};

/** 2026-01-01T00:00:00Z. */
const WALL_MS = 1_767_225_600_000;

export class VirtualTime {
  nowMs = 1_000;
  #order = 0;
  #queue: Entry[] = [];

  clock(): SimClock {
    let state: ReturnType<SimClock['state']> = 'running';
    const held: Entry[] = [];
    const own: SimClock & { hold: (entry: Entry) => void } = {
      monotonicMs: () => this.nowMs,
      bootMs: () => this.nowMs,
      wallMs: () => WALL_MS + this.nowMs,
      timer: (ms, fire) => this.#start(own, ms, fire),
      sleep: (ms, { signal }) => sleepOn(own, ms, signal),
      pause: () => {
        if (state === 'running') state = 'paused';
      },
      resume: () => {
        if (state !== 'paused') return;
        state = 'running';
        for (const entry of held.splice(0)) this.#insert({ ...entry, dueMs: this.nowMs });
      },
      kill: () => {
        state = 'dead';
        held.length = 0;
      },
      state: () => state,
      hold: (entry) => held.push(entry),
    };
    return own;
  }

  /** Fires everything that falls due up to `untilMs`, letting all promises settle in between. */
  async runUntil(untilMs: number): Promise<void> {
    await settle();
    for (let entry = this.#queue.at(-1); entry !== undefined && entry.dueMs <= untilMs; entry = this.#queue.at(-1)) {
      this.#queue.pop();
      if (entry.isStopped || entry.owner.state() === 'dead') continue;
      this.nowMs = Math.max(this.nowMs, entry.dueMs);
      if (entry.owner.state() === 'paused') {
        (entry.owner as SimClock & { hold: (entry: Entry) => void }).hold(entry);
        continue;
      }
      entry.fire();
      await settle();
    }
    this.nowMs = untilMs;
  }

  #start(owner: SimClock, ms: number, fire: () => void): Timer {
    this.#order += 1;
    const entry: Entry = { dueMs: this.nowMs + Math.max(0, ms), order: this.#order, owner, fire, isStopped: false };
    this.#insert(entry);
    return {
      stop: () => {
        entry.isStopped = true;
      },
    };
  }

  /** The queue is kept in order, what is due first at its end; of two due together the one started first. */
  #insert(entry: Entry): void {
    let [low, high] = [0, this.#queue.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#queue[middle];
      if (
        other !== undefined &&
        (other.dueMs > entry.dueMs || (other.dueMs === entry.dueMs && other.order > entry.order))
      )
        low = middle + 1;
      else high = middle;
    }
    this.#queue.splice(low, 0, entry);
  }
}

function sleepOn(clock: Pick<Clock, 'timer'>, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => {
      timer.stop();
      reject(signal.reason);
    };
    const timer = clock.timer(ms, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
