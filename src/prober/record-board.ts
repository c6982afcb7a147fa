// The session-bound records of one prober: what they should say, and what the store was last told. Level-triggered: after a
// failure or a new session whatever differs is written again, so no observation is lost and none is written twice (S23).
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Session, Store, StoreWrite } from '../ports/store.ts';

export type RecordBoardOptions = {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly uniqueId: () => string;
};

/** Pause after a failed commit; the newest values are written then, not those that failed. */
const RETRY_MS = 200;

export class RecordBoard {
  readonly #options: RecordBoardOptions;
  readonly #wanted = new Map<string, string>();
  /** What the store holds of ours; null where a commit of unknown outcome may have left something. */
  readonly #written = new Map<string, string | null>();
  #session: Session | null = null;
  #flushing = false;
  #isDirty = false;

  constructor(options: RecordBoardOptions) {
    this.#options = options;
  }

  /** A new session knows none of the old one's records: everything is written again. Null while there is none. */
  setSession(session: Session | null): void {
    this.#session = session;
    this.#written.clear();
    this.#touch();
  }

  /** What the record should say; null removes it. Returns at once. */
  set(key: string, value: string | null): void {
    if (value === null) this.#wanted.delete(key);
    else this.#wanted.set(key, value);
    this.#touch();
  }

  get(key: string): string | undefined {
    return this.#wanted.get(key);
  }

  #touch(): void {
    this.#isDirty = true;
    if (!this.#flushing) void this.#flush();
  }

  async #flush(): Promise<void> {
    this.#flushing = true;
    try {
      // All changes of one turn of the event loop travel in one commit.
      await Promise.resolve();
      while (this.#isDirty && this.#session !== null) {
        this.#isDirty = false;
        await this.#commit(this.#session);
      }
    } finally {
      this.#flushing = false;
    }
  }

  async #commit(session: Session): Promise<void> {
    const { puts, deletes } = this.#difference();
    const writes: StoreWrite[] = [
      ...puts.map(([key, value]): StoreWrite => ({ kind: 'put', key, value, sessionId: session.id })),
      ...deletes.map((key): StoreWrite => ({ kind: 'delete', key })),
    ];
    if (writes.length === 0) return;
    const token = this.#options.uniqueId();
    try {
      const result = await this.#options.store.commit({
        guards: [{ kind: 'sessionAlive', sessionId: session.id }],
        writes,
        token,
      });
      if (result.kind === 'conflict') return;
      if (result.kind === 'unknown') throw result.cause;
      if (session !== this.#session) return;
      for (const [key, value] of puts) this.#written.set(key, value);
      for (const key of deletes) this.#written.delete(key);
    } catch (error) {
      for (const { key } of writes) this.#written.set(key, null);
      this.#options.logger.warn({ err: error }, 'observations cannot be written; trying again');
      this.#options.clock.timer(RETRY_MS, () => this.#touch());
    }
  }

  #difference(): { puts: [string, string][]; deletes: string[] } {
    const puts = [...this.#wanted].filter(([key, value]) => this.#written.get(key) !== value);
    const deletes = [...this.#written.keys()].filter((key) => !this.#wanted.has(key));
    return { puts, deletes };
  }
}
