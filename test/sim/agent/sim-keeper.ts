// The stand-in of a keeper: a second process on the machine of an agent, which outlives it and ends the service at the deadline
// that it was told last, on its own clock and whatever the agent does (S16).
import type { Timer } from '../../../src/base/clock.ts';
import type { SimClock } from '../sim-clock.ts';

export class SimKeeper {
  readonly #clock: SimClock;
  readonly #kill: () => void;
  #timer: Timer | null = null;

  constructor(clock: SimClock, kill: () => void) {
    this.#clock = clock;
    this.#kill = kill;
  }

  /** A later deadline takes the place of the one before. */
  arm(deadlineBootMs: number): void {
    this.#timer?.stop();
    this.#timer = this.#clock.timer(deadlineBootMs - this.#clock.bootMs(), this.#kill);
  }

  /** The service has ended, and nothing is left to kill. */
  disarm(): void {
    this.#timer?.stop();
    this.#timer = null;
  }
}
