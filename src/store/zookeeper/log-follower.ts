// Keeps the index and the recent changes at the revision of the store: reads the head after a `sync`, then the log from
// where it stands, and everything anew when the log does not reach back so far. Nothing an event says is believed (S6).
import type { Clock } from '../../base/clock.ts';
import { OneupError } from '../../base/oneup-error.ts';
import { RecentChanges } from '../recent-changes.ts';
import type { Change } from '../store-backend.ts';
import type { Asking } from './ask-each.ts';
import { changesOf } from './changes-of.ts';
import { readHead } from './head.ts';
import { KeyIndex } from './key-index.ts';
import type { LogReader } from './log-reader.ts';
import { textFrom } from './log-reader.ts';
import type { LogRecord } from './log-record.ts';
import { StoreLoader } from './store-loader.ts';
import type { ZnodePaths } from './znode-paths.ts';
import type { ZookeeperLine } from './zookeeper-line.ts';

/** Log records read at once: with the largest values inline sixteen megabytes. */
const PAGE_REVISIONS = 64;
/** Loading and then following meets a trimmed log again only while commits come faster than they can be read. */
const ROUNDS_MAX = 8;

export type LogFollowerOptions = {
  readonly line: ZookeeperLine;
  readonly paths: ZnodePaths;
  readonly log: LogReader;
  readonly clock: Clock;
  readonly logRevisionsMax: number;
  readonly closing: AbortSignal;
};

export class LogFollower {
  readonly #on: LogFollowerOptions;
  readonly #loader: StoreLoader;
  #index = new KeyIndex();
  #recent: RecentChanges | null = null;
  /** Version of the head's znode minus its revision: both rise by one with every commit. */
  #headOffset = 0;
  #newestMs = 0;
  #confirmedMonoMs = Number.NEGATIVE_INFINITY;
  #mustLoad = true;
  #running: Promise<void> = Promise.resolve();
  #queued: Promise<void> | null = null;

  constructor(options: LogFollowerOptions) {
    this.#on = options;
    this.#loader = new StoreLoader(options.paths, options.log);
  }

  get index(): KeyIndex {
    return this.#index;
  }

  /** The latest changes. Only after the first `catchUp`. */
  get recent(): RecentChanges {
    if (this.#recent === null) throw new Error('Cannot read changes: nothing was loaded');
    return this.#recent;
  }

  /** Version that the znode of the head has at the revision of the index. */
  get headVersion(): number {
    return (this.#index.revision + this.#headOffset) | 0;
  }

  /** When the server last wrote the head, on its own clock. */
  get newestMs(): number {
    return this.#newestMs;
  }

  /** When the store was last seen to be at the revision of the index. */
  get confirmedMonoMs(): number {
    return this.#confirmedMonoMs;
  }

  /** The index is then at a revision that the store had after this call. Calls that come while one runs share the next. */
  catchUp(): Promise<void> {
    this.#queued ??= this.#running.then(() => {
      this.#queued = null;
      const run = this.#catchUp();
      this.#running = run.catch(() => undefined);
      return run;
    });
    return this.#queued;
  }

  /** What is known does not fit to what the server says: the next `catchUp` reads everything anew. */
  distrust(): void {
    this.#mustLoad = true;
  }

  /** Takes in a commit of this process, unless the log brought it already. */
  takeIn(revision: number, record: LogRecord, texts: ReadonlyMap<string, string>): void {
    if (revision !== this.#index.revision + 1) return;
    const changes = changesOf(record, { revision, index: this.#index, textOf: textFrom(texts) });
    this.#apply(revision, record, changes);
    this.#confirmedMonoMs = this.#on.clock.monotonicMs();
  }

  async #catchUp(): Promise<void> {
    const { line, paths, closing, clock } = this.#on;
    const asking = { connection: await line.connection(closing), signal: closing };
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const askedMonoMs = clock.monotonicMs();
      // A commit of this process may be answered while the head is on its way: that is no step back.
      const known = this.#index.revision;
      const head = await readHead(asking, paths);
      if (head.revision < known) throw this.#wentBack(asking, head.revision, known);
      this.#headOffset = head.version - head.revision;
      this.#newestMs = head.modifiedMs;
      if (!this.#mustLoad && (await this.#follow(asking, head.revision))) {
        this.#confirmedMonoMs = askedMonoMs;
        return;
      }
      await this.#load(asking, head.revision);
    }
    throw new OneupError(
      'ONEUP_STORE_UNREACHABLE',
      'Cannot follow the ZooKeeper store: it changes faster than its log can be read',
    );
  }

  /** False when the log does not reach back to where the index stands. */
  async #follow(asking: Asking, to: number): Promise<boolean> {
    while (this.#index.revision < to) {
      const first = this.#index.revision + 1;
      const length = Math.min(PAGE_REVISIONS, to - first + 1);
      const records = await this.#on.log.read(
        asking,
        Array.from({ length }, (_, at) => first + at),
      );
      for (const [at, record] of records.entries()) {
        const found = record === null ? null : await this.#on.log.withTexts(asking, record);
        if (found === null) return this.#index.revision >= to;
        this.takeIn(first + at, found.record, found.texts);
      }
    }
    return true;
  }

  async #load(asking: Asking, from: number): Promise<void> {
    const fresh = await this.#loader.load(asking, from);
    // A commit of this process may have come in between: then the next round reads again.
    if (fresh === null || fresh.revision < this.#index.revision) return;
    const isGap = fresh.revision !== this.#index.revision;
    this.#index = fresh;
    this.#mustLoad = false;
    const head = fresh.revision;
    if (this.#recent === null) {
      this.#recent = new RecentChanges({ head, from: head, revisionsMax: this.#on.logRevisionsMax });
    } else if (isGap) {
      this.#recent.reset(head);
    }
  }

  #apply(revision: number, record: LogRecord, changes: readonly Change[]): void {
    this.#index.apply(revision, record);
    this.#recent?.append(revision, changes);
  }

  /** A server that lags behind what this process has seen, or a store that was put back (S4): neither may be read. */
  #wentBack({ connection }: Asking, revision: number, known: number): OneupError {
    const error = new OneupError(
      'ONEUP_STORE_WENT_BACK',
      `Cannot read the ZooKeeper store: it shows revision ${revision} after ${known}`,
    );
    connection.drop(error);
    return error;
  }
}
