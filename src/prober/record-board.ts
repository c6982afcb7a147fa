// The session-bound records of one prober: what they should say, and what the store was last told. Level-triggered: after a
// failure or a new session whatever differs is written again, so no observation is lost and none is written twice (S23).
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { CommitResult, Guard, Session, Store, StoreWrite } from '../ports/store.ts';

export type RecordBoardOptions = {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly uniqueId: () => string;
};

/** Pause after a failed commit; the newest values are written then, not those that failed. */
const RETRY_MS = 200;
/** A new session meets what the last one left, which the next try settles: only what goes on after that is told, once. */
const TOLD_AT_FAILURE = 3;
/** Records of one commit: a store takes 4,096 guards, and one large commit holds up what others write. */
const COMMIT_RECORDS_MAX = 500;
/** What changes this soon after a commit travels in the next: when a thousand nodes fail, not each is a flush of the disk. */
const GATHER_MS = 10;

export class RecordBoard {
  readonly #options: RecordBoardOptions;
  readonly #wanted = new Map<string, string>();
  /** What the store holds of ours; null where a commit of unknown outcome may have left something. */
  readonly #written = new Map<string, string | null>();
  /** Version of each record as last known, null for none: a commit that lands late finds another one and is void (S8). */
  readonly #versions = new Map<string, number | null>();
  /** Records whose version must be read before they are written again. */
  readonly #doubtful = new Set<string>();
  /** Records that may differ from what the store was told: one change among thousands of records is found at once. */
  readonly #touched = new Set<string>();
  #session: Session | null = null;
  #flushing = false;
  #isDirty = false;
  /** The last commit was full. */
  #hasMore = false;
  /** Commits in a row that failed. */
  #failures = 0;

  constructor(options: RecordBoardOptions) {
    this.#options = options;
  }

  /** A new session knows none of the old one's records: everything is written again. Null while there is none. */
  setSession(session: Session | null): void {
    this.#session = session;
    this.#written.clear();
    this.#versions.clear();
    for (const key of this.#wanted.keys()) this.#touched.add(key);
    this.#touch();
  }

  /** What the record should say; null removes it. Returns at once. */
  set(key: string, value: string | null): void {
    if (value === null) this.#wanted.delete(key);
    else this.#wanted.set(key, value);
    this.#touched.add(key);
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
      while ((this.#isDirty || this.#hasMore) && this.#session !== null) {
        this.#isDirty = false;
        if (await this.#commit(this.#session)) await this.#gather();
      }
    } finally {
      this.#flushing = false;
    }
  }

  #gather(): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.timer(GATHER_MS, resolve);
    });
  }

  /** Returns whether there was anything to commit. */
  async #commit(session: Session): Promise<boolean> {
    const writes = this.#nextWrites(session);
    if (writes.length === 0) return false;
    const token = this.#options.uniqueId();
    try {
      await this.#readDoubtful(writes);
      const guards = [
        { kind: 'sessionAlive', sessionId: session.id } as const,
        ...writes.map(({ key }) => this.#guard(key)),
      ];
      const result = await this.#options.store.commit({ guards, writes, token });
      if (session === this.#session) this.#take(result, writes);
    } catch (error) {
      this.#hasMore = false;
      for (const { key } of writes) {
        this.#written.set(key, null);
        this.#doubtful.add(key);
        this.#touched.add(key);
      }
      this.#tell(error);
      this.#options.clock.timer(RETRY_MS, () => this.#touch());
    }
    return true;
  }

  #tell(error: unknown): void {
    const { logger } = this.#options;
    const text = 'observations cannot be written; trying again';
    this.#failures += 1;
    if (this.#failures !== TOLD_AT_FAILURE) return logger.debug({ err: error }, text);
    logger.warn({ reason: error instanceof Error ? error.message : String(error) }, text);
  }

  #take(result: CommitResult, writes: readonly StoreWrite[]): void {
    switch (result.kind) {
      case 'unknown':
        throw result.cause;
      case 'conflict':
        // Without its session nothing is written any more; over another version what is there is read first.
        if (result.guard.kind === 'sessionAlive') return;
        throw new Error('a record has another version than expected');
      case 'committed':
        this.#failures = 0;
        for (const write of writes) {
          this.#versions.set(write.key, write.kind === 'put' ? result.revision : null);
          if (write.kind === 'put') this.#written.set(write.key, write.value);
          else this.#written.delete(write.key);
        }
    }
  }

  #guard(key: string): Guard {
    const version = this.#versions.get(key) ?? null;
    return version === null ? { kind: 'absent', key } : { kind: 'version', key, version };
  }

  async #readDoubtful(writes: readonly StoreWrite[]): Promise<void> {
    const keys = writes.map(({ key }) => key).filter((key) => this.#doubtful.has(key));
    const found = await Promise.all(keys.map((key) => this.#options.store.get(key)));
    for (const [place, key] of keys.entries()) {
      this.#versions.set(key, found[place]?.version ?? null);
      this.#doubtful.delete(key);
    }
  }

  /** What differs, up to one commit of it; the rest follows in the next turn of the loop. */
  #nextWrites(session: Session): readonly StoreWrite[] {
    this.#hasMore = false;
    const writes: StoreWrite[] = [];
    for (const key of this.#touched) {
      if (writes.length === COMMIT_RECORDS_MAX) {
        this.#hasMore = true;
        break;
      }
      this.#touched.delete(key);
      const value = this.#wanted.get(key);
      if (value === undefined) {
        if (this.#written.has(key)) writes.push({ kind: 'delete', key });
      } else if (this.#written.get(key) !== value) {
        writes.push({ kind: 'put', key, value, sessionId: session.id });
      }
    }
    return writes;
  }
}
