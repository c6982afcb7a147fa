// Lets one through at a time, in the order of arrival: two commits of one process would only defeat each other.
import { OneupError } from '../../base/oneup-error.ts';
import { untilAborted } from './until-aborted.ts';

/** A cluster of a thousand services commits less at once; more is a caller that does not wait. */
const WAITING_MAX = 1_024;

export class Turnstile {
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** Throws the signal's reason when it aborts before the turn comes; `run` is not called then. */
  async pass<T>(run: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.#waiting >= WAITING_MAX) {
      throw new OneupError(
        'ONEUP_STORE_UNREACHABLE',
        `Cannot commit: too many commits wait, value was ${this.#waiting}`,
      );
    }
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = before.then(() => promise);
    this.#waiting += 1;
    try {
      await untilAborted(before, signal);
      return await run();
    } finally {
      this.#waiting -= 1;
      resolve();
    }
  }
}
