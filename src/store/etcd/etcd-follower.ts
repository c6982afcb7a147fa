// Follows everything in the namespace by one watch, for all watches of this process. A watch is a hint: it is opened again
// where it stopped, on another member when this one does not keep up, and from a new list when etcd has forgotten (S6).
import type { Clock } from '../../base/clock.ts';
import { OneupError } from '../../base/oneup-error.ts';
import type { StoreEntry } from '../../ports/store.ts';
import { RecentChanges } from '../recent-changes.ts';
import type { Change } from '../store-backend.ts';
import type { EtcdBoundKeys } from './etcd-bound-keys.ts';
import type { EtcdClient } from './etcd-client.ts';
import { asObject, type EtcdRecords, readCount, readList, readPair, toBase64 } from './etcd-records.ts';

/** Pause before a watch is opened again. */
const PAUSE_MS = 100;

export type EtcdFollowerOptions = {
  readonly client: EtcdClient;
  readonly records: EtcdRecords;
  readonly bound: EtcdBoundKeys;
  readonly clock: Clock;
  readonly revisionsMax: number;
  /** Longest wait for changes that are known to exist before another member is asked, milliseconds. */
  readonly memberTimeoutMs: number;
  /** Every entry of the namespace, and what the head and etcd itself were at then. */
  readonly load: (signal: AbortSignal) => Promise<EtcdSnapshot>;
};

export type EtcdSnapshot = {
  readonly entries: readonly StoreEntry[];
  /** The last revision that changed something here; zero when nothing ever did. */
  readonly head: number;
  /** The revision of etcd at which this was read. */
  readonly readAt: number;
};

/** Ended by the end of the list: whatever is written after `k/` and before `t` is watched. */
const WATCH_END = 't';

export class EtcdFollower {
  readonly #on: EtcdFollowerOptions;
  readonly #closing = new AbortController();
  readonly #waiters = new Set<() => void>();
  #recent: RecentChanges;
  #nextRevision: number;
  #stream = new AbortController();
  #fault: OneupError | null = null;
  #wake: () => void = () => undefined;

  constructor(first: EtcdSnapshot, options: EtcdFollowerOptions) {
    this.#on = options;
    // Where nothing was ever written, nothing was missed either: then the log reaches back to the beginning.
    const { head } = first;
    this.#recent = new RecentChanges({ head, from: head, revisionsMax: options.revisionsMax });
    this.#nextRevision = first.readAt + 1;
    for (const { key, sessionId, version } of first.entries) options.bound.put(key, sessionId, version);
    void this.#run();
  }

  get recent(): RecentChanges {
    return this.#recent;
  }

  onHint(wake: () => void): void {
    this.#wake = wake;
  }

  /** Resolves when all changes up to the revision are known here. Rejects with OneupError when the signal aborts first. */
  async caughtUp(revision: number, signal: AbortSignal): Promise<void> {
    const { clock, memberTimeoutMs } = this.#on;
    const timer = clock.timer(memberTimeoutMs, () => this.#stream.abort(new Error('the watch does not keep up')));
    try {
      while (this.#recent.head < revision) {
        if (this.#fault !== null) throw this.#fault;
        if (signal.aborted || this.#closing.signal.aborted) throw behind(signal.reason);
        await this.#nextChange(signal);
      }
    } finally {
      timer.stop();
    }
  }

  close(): void {
    this.#closing.abort();
    this.#told();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      this.#stream = new AbortController();
      try {
        await this.#follow(AbortSignal.any([signal, this.#stream.signal]));
      } catch (error) {
        if (signal.aborted) return;
        // What oneup did not write cannot be followed, whatever member is asked; anything else passes.
        if (error instanceof OneupError && error.code === 'ONEUP_STORE_CORRUPT') this.#fault = error;
        this.#told();
      }
      await this.#on.clock.sleep(PAUSE_MS, { signal }).catch(() => undefined);
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { client, records } = this.#on;
    const range = { key: toBase64(`${records.all}k`), range_end: toBase64(`${records.all}${WATCH_END}`) };
    const body = { create_request: { ...range, start_revision: String(this.#nextRevision) } };
    for await (const line of client.lines('/v3/watch', body, signal)) {
      const result = asObject(asObject(JSON.parse(line)).result);
      if (result.canceled === true) {
        if (readCount(result.compact_revision) === 0) return;
        await this.#reload(signal);
        return;
      }
      this.#take(readList(result.events));
    }
  }

  /** Events come in order, and all of one revision together (etcd documentation, "Watch"). */
  #take(events: readonly unknown[]): void {
    const byRevision = Map.groupBy(events.map(readEvent), ({ pair }) => pair.modRevision);
    for (const [revision, changed] of byRevision) {
      this.#recent.append(
        revision,
        changed.flatMap(({ isDelete, pair }) => this.#change(isDelete, pair)),
      );
      this.#nextRevision = revision + 1;
    }
    if (byRevision.size > 0) {
      this.#told();
      this.#wake();
    }
  }

  #change(isDelete: boolean, pair: ReturnType<typeof readPair>): readonly Change[] {
    const { records, bound } = this.#on;
    const key = records.keyOf(pair.key);
    if (key === null) return [];
    const revision = pair.modRevision;
    if (isDelete) {
      bound.delete(key, revision);
      return [{ kind: 'delete', key, revision }];
    }
    const entry = records.readEntry(pair);
    bound.put(key, entry.sessionId, revision);
    return [{ kind: 'put', entry, revision }];
  }

  async #reload(signal: AbortSignal): Promise<void> {
    const { load, bound } = this.#on;
    const { entries, head, readAt } = await load(signal);
    bound.clear();
    for (const { key, sessionId, version } of entries) bound.put(key, sessionId, version);
    this.#recent.reset(head);
    this.#nextRevision = readAt + 1;
    this.#fault = null;
    this.#told();
    this.#wake();
  }

  #told(): void {
    for (const tell of [...this.#waiters]) tell();
  }

  async #nextChange(signal: AbortSignal): Promise<void> {
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

function readEvent(value: unknown): { readonly isDelete: boolean; readonly pair: ReturnType<typeof readPair> } {
  const { type, kv } = asObject(value);
  return { isDelete: type === 'DELETE', pair: readPair(kv) };
}

function behind(cause: unknown): OneupError {
  return new OneupError('ONEUP_STORE_UNREACHABLE', 'Cannot follow etcd: its watch tells less than its records', {
    cause,
  });
}
