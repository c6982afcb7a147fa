// One connection that calls take in turns. A call that fails, is given up or runs out of time takes the connection with it:
// nobody can know what state it is in (S6).
import { OneupError } from '../../base/oneup-error.ts';
import { type SqlLink, untilAborted } from './sql-link.ts';

/** Every duty of a prober together has a few calls under way; more than this is a caller gone wild. */
const WAITING_MAX = 1_000;

export class LinkLane {
  readonly #connect: (signal: AbortSignal) => Promise<SqlLink>;
  readonly #waiting = new Set<() => void>();
  #link: SqlLink | null = null;
  #isBusy = false;
  #isClosed = false;

  constructor(connect: (signal: AbortSignal) => Promise<SqlLink>) {
    this.#connect = connect;
  }

  /** Runs `work` when its turn has come. Rejects with the signal's reason at once when it aborts. */
  async run<T>(signal: AbortSignal, work: (link: SqlLink) => Promise<T>): Promise<T> {
    await this.#takeTurn(signal);
    try {
      const link = await this.#open(signal);
      return await untilAborted(work(link), signal);
    } catch (error) {
      this.#drop();
      throw error;
    } finally {
      this.#endTurn();
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#drop();
  }

  async #open(signal: AbortSignal): Promise<SqlLink> {
    signal.throwIfAborted();
    if (this.#link?.isOpen() !== true) {
      this.#drop();
      this.#link = await this.#connect(signal);
    }
    if (this.#isClosed) {
      throw new OneupError('ONEUP_STORE_UNREACHABLE', 'Cannot use store: this process has closed its connections', {
        remedy: 'Nothing: the process is ending',
      });
    }
    return this.#link;
  }

  #drop(): void {
    this.#link?.destroy();
    this.#link = null;
  }

  async #takeTurn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#isBusy) {
      this.#isBusy = true;
      return;
    }
    if (this.#waiting.size >= WAITING_MAX) {
      throw new OneupError('ONEUP_STORE_UNREACHABLE', `Cannot use store: ${WAITING_MAX} calls wait for it already`);
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    try {
      await untilAborted(promise, signal);
    } catch (error) {
      // When the turn came at the same moment, it is passed on.
      if (!this.#waiting.delete(resolve)) this.#endTurn();
      throw error;
    }
  }

  #endTurn(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#isBusy = false;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
