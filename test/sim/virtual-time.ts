// One true time for a whole simulated cluster, and a clock for each process in it. Time jumps to what is due next, so a minute
// costs as much as happens in it. A process can be stopped, continued and killed, a machine suspended; the rest goes on.
import { setImmediate } from 'node:timers';
import { type Entry, SimClock, SimMachine } from './sim-clock.ts';
import { TimerQueue } from './timer-queue.ts';

/** Timers that may fire within one millisecond of true time; more is a loop that waits for nothing. */
const STORM_MAX = 20_000;

export class VirtualTime {
  nowMs = 1_000;
  /** Timers that have fired: the events of a run. */
  firedCount = 0;
  readonly #queue = new TimerQueue<Entry>();
  #order = 0;

  /** A process on a machine of its own, whose clock is exact. */
  clock(): SimClock {
    return new SimClock(this, new SimMachine());
  }

  add(entry: Omit<Entry, 'order'>): Entry {
    this.#order += 1;
    const added = Object.assign(entry, { order: this.#order });
    this.#queue.push(added);
    return added;
  }

  put(entry: Entry): void {
    this.#queue.push(entry);
  }

  /** Fires everything that falls due up to `untilMs`, letting all promises settle in between, or until `isOver`. */
  runUntil(untilMs: number, isOver: () => boolean = () => false): Promise<void> {
    return new Promise((resolve, reject) => {
      // From the event loop itself: promises settle at once only where none is settling already.
      setImmediate(() => {
        try {
          this.#run(untilMs, isOver);
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  #run(untilMs: number, isOver: () => boolean): void {
    settle();
    let sameTime = 0;
    for (let entry = this.#queue.peek(); entry !== undefined && entry.dueMs <= untilMs; entry = this.#queue.peek()) {
      this.#queue.pop();
      if (!entry.owner.mayFire(entry)) continue;
      sameTime = entry.dueMs - this.nowMs < 0.001 ? sameTime + 1 : 0;
      if (sameTime > STORM_MAX) throw new RangeError(`Cannot go on: timers storm at ${this.nowMs} ms`);
      this.nowMs = Math.max(this.nowMs, entry.dueMs);
      this.firedCount += 1;
      entry.fire();
      settle();
      if (isOver()) return;
    }
    this.nowMs = untilMs;
  }
}

/** Lets every promise that can settle do so. What Node does between two callbacks, without going around its event loop. */
const settle = (process as unknown as { readonly _tickCallback: () => void })._tickCallback;
