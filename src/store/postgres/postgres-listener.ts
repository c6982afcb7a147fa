// Hears of changes by LISTEN on a connection of its own. A hint and no more: while the connection is away, the store polls,
// and it is looked after like anything that may die silently (S6).
import type { Clock, Timer } from '../../base/clock.ts';
import { OneupError } from '../../base/oneup-error.ts';
import { SqlFailure } from '../sql/sql-failure.ts';
import { type SqlLink, untilAborted } from '../sql/sql-link.ts';

/** Between attempts to connect again. */
const PAUSE_MS = 1_000;
/** How often the connection is asked whether it is alive, and how long the answer may take. */
const CHECK_MS = 10_000;

export type ListenerOptions = {
  /** Quoted name of the channel. */
  readonly channel: string;
  readonly clock: Clock;
  readonly connect: (signal: AbortSignal) => Promise<SqlLink>;
};

export class PostgresListener {
  readonly #on: ListenerOptions;
  readonly #closing = new AbortController();
  #link: SqlLink | null = null;
  #timer: Timer | null = null;
  #wake: () => void = () => {};

  constructor(options: ListenerOptions) {
    this.#on = options;
  }

  start(wake: () => void): void {
    this.#wake = wake;
    void this.#keepListening();
  }

  close(): void {
    this.#closing.abort(new OneupError('ONEUP_STORE_UNREACHABLE', 'Cannot listen: the store was closed'));
    this.#timer?.stop();
    this.#link?.destroy();
  }

  /** One round: connects if need be, asks for a sign of life, comes back later. */
  async #keepListening(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    let nextMs = CHECK_MS;
    try {
      await this.#checkWithin(CHECK_MS);
    } catch (error) {
      if (!(error instanceof OneupError || error instanceof SqlFailure)) throw error;
      this.#link?.destroy();
      this.#link = null;
      nextMs = PAUSE_MS;
    }
    this.#nextRoundIn(nextMs);
  }

  async #checkWithin(ms: number): Promise<void> {
    const deadline = new AbortController();
    const timer = this.#on.clock.timer(ms, () =>
      deadline.abort(new OneupError('ONEUP_STORE_UNREACHABLE', `Cannot listen: no answer within ${ms} ms`)),
    );
    try {
      await this.#check(AbortSignal.any([deadline.signal, this.#closing.signal]));
    } finally {
      timer.stop();
    }
  }

  async #check(signal: AbortSignal): Promise<void> {
    if (this.#link?.isOpen() === true) {
      await untilAborted(this.#link.query('SELECT 1'), signal);
      return;
    }
    const link = await this.#on.connect(signal);
    this.#link = link;
    await untilAborted(link.query(`LISTEN ${this.#on.channel}`), signal);
    link.onNews(() => this.#hear(link));
    // Whatever happened while nobody listened.
    this.#wake();
  }

  #hear(link: SqlLink): void {
    if (this.#closing.signal.aborted || link !== this.#link) return;
    if (link.isOpen()) this.#wake();
    else this.#nextRoundIn(PAUSE_MS);
  }

  #nextRoundIn(ms: number): void {
    this.#timer?.stop();
    if (this.#closing.signal.aborted) return;
    this.#timer = this.#on.clock.timer(ms, () => void this.#keepListening());
  }
}
