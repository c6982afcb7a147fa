// Wakes those who wait for the store to change. A waiter names the last wake it knows of, so that a change between its
// read and its wait cannot be slept through.

/** One waiter per watch; a process has a handful of watches, so more than this is a leak. */
const WAITERS_MAX = 1_024;

export class WakeList {
  readonly #waiters = new Set<() => void>();
  #wakes = 0;

  wakeCount(): number {
    return this.#wakes;
  }

  wakeAll(): void {
    this.#wakes++;
    for (const wake of [...this.#waiters]) wake();
  }

  /** Resolves once there was a wake after the `known`-th, or the signal aborted. Never rejects on abort. */
  async waitAfter(known: number, signal: AbortSignal): Promise<void> {
    if (this.#wakes !== known || signal.aborted) return;
    if (this.#waiters.size >= WAITERS_MAX) {
      throw new RangeError(`Cannot watch: at most ${WAITERS_MAX} watches at once, value was ${this.#waiters.size + 1}`);
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.add(resolve);
    const stop = () => resolve();
    signal.addEventListener('abort', stop, { once: true });
    try {
      await promise;
    } finally {
      this.#waiters.delete(resolve);
      // The signal may be that of a watch that goes on for months.
      signal.removeEventListener('abort', stop);
    }
  }
}
