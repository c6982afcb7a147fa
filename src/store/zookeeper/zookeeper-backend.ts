// The ZooKeeper engine: the questions and changes that RemoteStore asks for, answered from an index that follows the log and
// from the server. No ephemeral znode and no session of ZooKeeper means anything here: sessions are records with beats (S5).
import type { Clock } from '../../base/clock.ts';
import { OneupError } from '../../base/oneup-error.ts';
import type { CommitRequest, CommitResult, StoreEntry } from '../../ports/store.ts';
import type { RemoteBackend, RemoteList, RemoteLook } from '../remote-backend.ts';
import { type ChangeCursor, type ChangePage, SEQ_END, type SessionName, type SessionRow } from '../store-backend.ts';
import type { BlobFiles } from './blob-files.ts';
import type { BlobRef } from './blob-ref.ts';
import { largeValuesOf } from './large-values.ts';
import type { LogFollower } from './log-follower.ts';
import { planCommit } from './plan-commit.ts';
import { planBeat, planBirth, planEnd, planSweep } from './plan-session.ts';
import type { PlannedChange } from './planned-change.ts';
import type { StoreLayout } from './store-layout.ts';
import type { Planner, StoreWriter, WriteResult } from './store-writer.ts';
import { untilAborted } from './until-aborted.ts';
import type { ValueReader } from './value-reader.ts';
import type { ZookeeperLine } from './zookeeper-line.ts';

/** For this long after the server was heard, changes are told from memory: RemoteStore takes an answer for contact. */
const FRESH_MS = 100;

export type ZookeeperBackendParts = {
  readonly line: ZookeeperLine;
  readonly layout: StoreLayout;
  readonly follower: LogFollower;
  readonly writer: StoreWriter;
  readonly values: ValueReader;
  readonly blobs: BlobFiles;
  readonly clock: Clock;
  readonly pollMs: number;
  readonly closing: AbortController;
  /** Set by `onHint`. */
  readonly hints: { wake: () => void };
};

export class ZookeeperBackend implements RemoteBackend {
  readonly kind = 'zookeeper';
  readonly pollMs: number;
  readonly #on: ZookeeperBackendParts;

  constructor(parts: ZookeeperBackendParts) {
    this.pollMs = parts.pollMs;
    this.#on = parts;
  }

  async look(signal: AbortSignal): Promise<RemoteLook> {
    const { follower } = this.#on;
    await untilAborted(follower.catchUp(), signal);
    return { revision: follower.index.revision, sessions: follower.index.sessions() };
  }

  get(key: string, signal: AbortSignal): Promise<StoreEntry | null> {
    return this.#on.values.get(key, signal);
  }

  list(prefix: string, signal: AbortSignal): Promise<RemoteList> {
    return this.#on.values.list(prefix, signal);
  }

  async commit(request: CommitRequest, signal: AbortSignal): Promise<CommitResult> {
    const { follower, layout, writer } = this.#on;
    const large = largeValuesOf(request.writes);
    let placed: ReadonlyMap<string, BlobRef> = new Map();
    const plan: Planner<Exclude<CommitResult, { kind: 'unknown' }>> = (asking) => {
      const planned = planCommit(request, { index: follower.index, layout, placed });
      // Large values are written only once the guards seem to hold.
      if (planned.kind === 'refused' || placed.size === large.length) return planned;
      return this.#place(large, asking).then((refs) => {
        placed = refs;
        return null;
      });
    };
    let result: WriteResult<CommitResult> | null = null;
    try {
      result = await writer.write(plan, signal, () => {
        placed = new Map();
      });
      return result.kind === 'done' ? result.value : result;
    } finally {
      // Not after a doubt: the commit may have been made.
      const isUnused = result === null || (result.kind === 'done' && result.value.kind === 'conflict');
      if (isUnused && placed.size > 0) void this.#discard([...placed.values()]);
    }
  }

  async outcomeOf(token: string, signal: AbortSignal): Promise<'committed' | 'absent'> {
    await untilAborted(this.#on.follower.catchUp(), signal);
    return this.#on.follower.index.hasToken(token) ? 'committed' : 'absent';
  }

  async changesAfter(prefix: string, cursor: ChangeCursor, signal: AbortSignal): Promise<ChangePage> {
    const { follower, clock } = this.#on;
    if (clock.monotonicMs() - follower.confirmedMonoMs > FRESH_MS) await untilAborted(follower.catchUp(), signal);
    const page = follower.recent.page(prefix, cursor);
    if (page !== null) return page;
    await untilAborted(follower.catchUp(), signal);
    const end = { revision: follower.recent.head, seq: SEQ_END };
    return follower.recent.page(prefix, cursor) ?? { kind: 'trimmed', next: end };
  }

  insertSession(
    session: { readonly id: string; readonly ttlMs: number },
    signal: AbortSignal,
  ): Promise<SessionRow | null> {
    return this.#change((here) => planBirth(session, here), signal);
  }

  renewSession(session: SessionName, signal: AbortSignal): Promise<boolean> {
    return this.#change((here) => planBeat(session, here), signal);
  }

  async removeSession(session: SessionName, beat: number | null, signal: AbortSignal): Promise<boolean> {
    const isRemoved = await this.#change((here) => planEnd(session, beat, here), signal);
    if (isRemoved) await this.#sweepOrphans(signal);
    return isRemoved;
  }

  /** Once, after opening: deletes what crashes have left behind. */
  async sweep(signal: AbortSignal): Promise<void> {
    const { line, follower, blobs } = this.#on;
    await this.#sweepOrphans(signal);
    const asking = { connection: await line.connection(signal), signal };
    await blobs.sweep(asking, follower.index.blobIds(), follower.newestMs);
  }

  /** Deletes what ends of sessions left behind. What it cannot finish stays ignored, and is left to the next one. */
  async #sweepOrphans(signal: AbortSignal): Promise<void> {
    try {
      while (this.#on.follower.index.orphans().length > 0) await this.#change(planSweep, signal);
    } catch (error) {
      if (!(error instanceof OneupError) && !signal.aborted) throw error;
    }
  }

  onHint(wake: () => void): void {
    this.#on.hints.wake = wake;
  }

  inUse(): string | null {
    return this.#on.line.inUse();
  }

  close(): void {
    this.#on.hints.wake = () => undefined;
    this.#on.line.close();
    this.#on.closing.abort(closedError());
  }

  /** A doubt about a session throws: its beat speaks for it (S5). */
  async #change<T>(
    plan: (here: { readonly index: LogFollower['index']; readonly layout: StoreLayout }) => PlannedChange<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const { follower, layout, writer } = this.#on;
    const result = await writer.write(
      () => plan({ index: follower.index, layout }),
      signal,
      () => undefined,
    );
    if (result.kind === 'unknown') throw result.cause;
    return result.value;
  }

  async #place(
    large: ReturnType<typeof largeValuesOf>,
    asking: Parameters<BlobFiles['write']>[0],
  ): Promise<ReadonlyMap<string, BlobRef>> {
    const refs = new Map<string, BlobRef>();
    for (const { key, bytes } of large) refs.set(key, await this.#on.blobs.write(asking, bytes));
    return refs;
  }

  /** What fails here is found as a stray by the next open. */
  async #discard(refs: readonly BlobRef[]): Promise<void> {
    const { line, blobs, closing } = this.#on;
    try {
      await blobs.discard({ connection: await line.connection(closing.signal), signal: closing.signal }, refs);
    } catch (error) {
      if (!(error instanceof OneupError)) throw error;
    }
  }
}

function closedError(): OneupError {
  return new OneupError('ONEUP_STORE_UNREACHABLE', 'Cannot use the ZooKeeper store: this process has closed it');
}
