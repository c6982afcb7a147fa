// Counts failed tries of each address, so that guessing is slow and costs the store nothing. A token cannot be guessed; this
// keeps a machine with a wrong one from making work for the others.
import type { Clock } from '../base/clock.ts';

type Window = { readonly endsAtMonoMs: number; count: number };

const WINDOW_MS = 10_000;
const TRIES_MAX = 20;
/** The oldest are forgotten first: whoever has so many addresses is not held up by this anyway. */
const ADDRESSES_MAX = 4_096;

export class FailedTries {
  readonly #clock: Clock;
  readonly #windows = new Map<string, Window>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds until the address is listened to again; 0: now. */
  waitMs(address: string): number {
    const window = this.#current(address);
    if (window === undefined || window.count < TRIES_MAX) return 0;
    return window.endsAtMonoMs - this.#clock.monotonicMs();
  }

  /** Returns whether this was the one too many. */
  note(address: string): boolean {
    const window = this.#current(address);
    if (window !== undefined) {
      window.count += 1;
      return window.count === TRIES_MAX;
    }
    this.#windows.delete(address);
    const [oldest] = this.#windows.keys();
    if (this.#windows.size >= ADDRESSES_MAX && oldest !== undefined) this.#windows.delete(oldest);
    this.#windows.set(address, { endsAtMonoMs: this.#clock.monotonicMs() + WINDOW_MS, count: 1 });
    return false;
  }

  #current(address: string): Window | undefined {
    const window = this.#windows.get(address);
    return window !== undefined && window.endsAtMonoMs > this.#clock.monotonicMs() ? window : undefined;
  }
}
