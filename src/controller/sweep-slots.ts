// How many nodes are asked for their status at once by the sweep, and the end of a question when an operation wants its node:
// what is asked in passing must never stand in the way (S25).

/** Each is a login or a process; a thousand services ask one after the other. */
const SWEEPS_MAX = 16;

export class SweepSlots {
  readonly #max: number;
  readonly #under = new Map<string, AbortController>();
  /** One for each service at most, because a service asks one node at a time. */
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(max = SWEEPS_MAX) {
    this.#max = max;
  }

  /** Waits for its turn. Rejects when it was given up, and as `ask` does. */
  async run<T>(name: string, signal: AbortSignal, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const given = new AbortController();
    this.#under.set(name, given);
    const either = AbortSignal.any([signal, given.signal]);
    await this.#turn();
    try {
      either.throwIfAborted();
      return await ask(either);
    } finally {
      this.#under.delete(name);
      this.#leave();
    }
  }

  /** Returns at once; nothing happens when nobody asks. */
  giveUp(name: string): void {
    this.#under.get(name)?.abort(new Error('an operation acts on the node'));
  }

  #turn(): Promise<void> {
    if (this.#taken < this.#max) {
      this.#taken += 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The turn goes on to whoever waits longest. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken -= 1;
    else next();
  }
}
