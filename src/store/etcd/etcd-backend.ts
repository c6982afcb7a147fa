// The etcd engine: what each question and each change is in transactions. etcd's locks, elections and leases decide nothing
// here: a lock is no mutual exclusion without a guard on every write, and an election within etcd prolongs its leases.
import { OneupError } from '../../base/oneup-error.ts';
import type { CommitRequest, CommitResult, Guard, StoreEntry } from '../../ports/store.ts';
import type { RemoteBackend, RemoteList, RemoteLook } from '../remote-backend.ts';
import { type ChangeCursor, type ChangePage, SEQ_END, type SessionName, type SessionRow } from '../store-backend.ts';
import type { EtcdBoundKeys } from './etcd-bound-keys.ts';
import { type EtcdClient, failureOf } from './etcd-client.ts';
import type { EtcdFollower } from './etcd-follower.ts';
import type { EtcdLists } from './etcd-lists.ts';
import { asObject, type EtcdRecords, entryValue, readList, readPair, readRevision } from './etcd-records.ts';
import * as etcd from './etcd-requests.ts';
import type { EtcdTokenLease } from './etcd-token-lease.ts';

/** etcd takes 128 operations in a transaction unless told otherwise; orphans are cleared away well below that. */
const ORPHANS_AT_ONCE = 60;

export type EtcdBackendOptions = {
  readonly client: EtcdClient;
  readonly records: EtcdRecords;
  readonly bound: EtcdBoundKeys;
  readonly follower: EtcdFollower;
  readonly lists: EtcdLists;
  readonly lease: EtcdTokenLease;
  readonly pollMs: number;
};

type Txn = {
  readonly compare: readonly etcd.EtcdCompare[];
  readonly success: readonly etcd.EtcdOp[];
  readonly failure?: readonly etcd.EtcdOp[];
};
type TxnAnswer = {
  readonly isDone: boolean;
  readonly isRepeated: boolean;
  readonly revision: number;
  /** The pairs that each read of the branch taken has found. */
  readonly found: readonly (readonly ReturnType<typeof readPair>[])[];
};

export class EtcdBackend implements RemoteBackend {
  readonly kind = 'etcd';
  readonly pollMs: number;
  readonly #on: EtcdBackendOptions;
  /** Of the sessions opened here, for a renewal writes the whole record again. */
  readonly #ttls = new Map<string, number>();

  constructor(options: EtcdBackendOptions) {
    this.#on = options;
    this.pollMs = options.pollMs;
  }

  async look(signal: AbortSignal): Promise<RemoteLook> {
    const { lists, follower, bound } = this.#on;
    const { revision, sessions } = await lists.head(signal);
    await follower.caughtUp(revision, signal);
    const orphans = bound.orphans(new Set(sessions.map(({ id }) => id)), revision);
    if (orphans.length > 0) await this.#clear(orphans.slice(0, ORPHANS_AT_ONCE), signal);
    return { revision, sessions };
  }

  async get(key: string, signal: AbortSignal): Promise<StoreEntry | null> {
    const { records } = this.#on;
    const { found } = await this.#transact({ compare: [], success: [etcd.read(records.entry(key))] }, signal);
    const [pair] = found[0] ?? [];
    return pair === undefined ? null : records.readEntry(pair);
  }

  async list(prefix: string, signal: AbortSignal): Promise<RemoteList> {
    return this.#on.lists.list(prefix, signal);
  }

  async commit(request: CommitRequest, signal: AbortSignal): Promise<CommitResult> {
    const { lease } = this.#on;
    // Nothing is in doubt before the transaction itself is sent.
    const leaseId = await lease.current(signal);
    try {
      return await this.#commitUnder(leaseId, request, signal);
    } catch (error) {
      if (failureOf(error)?.isInDoubt === true) return { kind: 'unknown', cause: error as OneupError };
      if (failureOf(error)?.kind !== 'lease') throw error;
      lease.forget();
    }
    return this.#commitUnder(await lease.current(signal), request, signal);
  }

  async #commitUnder(leaseId: string, request: CommitRequest, signal: AbortSignal): Promise<CommitResult> {
    const guards = withImplied(request);
    const token = this.#on.records.token(request.token);
    const txn = {
      compare: [etcd.isAbsent(token), ...guards.flatMap((guard) => this.#compare(guard))],
      success: [...this.#writes(request), etcd.put(token, '', leaseId), this.#head()],
      failure: [etcd.read(token, { keysOnly: true }), ...guards.map((guard) => this.#readGuard(guard))],
    };
    const answer = await this.#transact(txn, signal);
    return answer.isDone ? this.#committed(request, answer.revision) : this.#refused(request, guards, answer);
  }

  async outcomeOf(token: string, signal: AbortSignal): Promise<'committed' | 'absent'> {
    const name = this.#on.records.token(token);
    const { found } = await this.#transact({ compare: [], success: [etcd.read(name, { keysOnly: true })] }, signal);
    return (found[0] ?? []).length > 0 ? 'committed' : 'absent';
  }

  async changesAfter(prefix: string, cursor: ChangeCursor, signal: AbortSignal): Promise<ChangePage> {
    const { follower, lists } = this.#on;
    const page = follower.recent.page(prefix, cursor);
    if (page !== null) return page;
    // Ahead of the watch: either the watch is late, or the store has not come so far.
    const { revision } = await lists.head(signal);
    await follower.caughtUp(revision, signal);
    const next = { revision: follower.recent.head, seq: SEQ_END };
    return follower.recent.page(prefix, cursor) ?? { kind: 'trimmed', next };
  }

  async insertSession(
    { id, ttlMs }: { readonly id: string; readonly ttlMs: number },
    signal: AbortSignal,
  ): Promise<SessionRow | null> {
    const name = this.#on.records.session(id);
    const txn = { compare: [etcd.isAbsent(name)], success: [etcd.put(name, String(ttlMs)), this.#head()] };
    const { isDone, isRepeated, revision } = await this.#transact(txn, signal);
    if (isDone) {
      this.#ttls.set(id, ttlMs);
      return { id, incarnation: revision, beat: revision, ttlMs };
    }
    if (!isRepeated) return null;
    throw new OneupError('ONEUP_STORE_UNREACHABLE', `Cannot open session: etcd lost the answer, value was ${id}`);
  }

  async renewSession({ id, incarnation }: SessionName, signal: AbortSignal): Promise<boolean> {
    const ttlMs = this.#ttls.get(id);
    if (ttlMs === undefined) return false;
    const name = this.#on.records.session(id);
    const compare = [etcd.hasCreateRevision(name, incarnation)];
    const txn = { compare, success: [etcd.put(name, String(ttlMs)), this.#head()] };
    const isAlive = (await this.#transact(txn, signal)).isDone;
    if (!isAlive) this.#ttls.delete(id);
    return isAlive;
  }

  async removeSession({ id, incarnation }: SessionName, beat: number | null, signal: AbortSignal): Promise<boolean> {
    const { records, bound } = this.#on;
    const name = records.session(id);
    const keys = bound.of(id).slice(0, ORPHANS_AT_ONCE);
    const compare = [etcd.hasCreateRevision(name, incarnation)];
    if (beat !== null) compare.push(etcd.hasModRevision(name, beat));
    const removals = keys.map(({ key, version }) => etcd.removeIf(records.entry(key), version));
    const success = [etcd.remove(name), ...removals, this.#head()];
    const { isDone, isRepeated } = await this.#transact({ compare, success }, signal);
    this.#ttls.delete(id);
    return isDone || isRepeated;
  }

  onHint(wake: () => void): void {
    this.#on.follower.onHint(wake);
  }

  inUse(): string {
    return this.#on.client.inUse();
  }

  close(): void {
    this.#on.follower.close();
    this.#on.client.close();
  }

  /** Keys whose session is gone: their holder was ended by somebody who did not know of them yet. */
  async #clear(orphans: ReturnType<EtcdBoundKeys['orphans']>, signal: AbortSignal): Promise<void> {
    const { records } = this.#on;
    const gone = [...new Set(orphans.map(({ sessionId }) => sessionId))].slice(0, 1);
    const keys = orphans.filter(({ sessionId }) => gone.includes(sessionId));
    await this.#transact(
      {
        compare: gone.map((id) => etcd.isAbsent(records.session(id))),
        success: [...keys.map(({ key, version }) => etcd.removeIf(records.entry(key), version)), this.#head()],
      },
      signal,
    );
  }

  /** Every transaction writes this key, so its revision is that of the last change here, whoever else uses this etcd. */
  #head(): etcd.EtcdOp {
    return etcd.put(this.#on.records.head, '');
  }

  #compare(guard: Guard): readonly etcd.EtcdCompare[] {
    const name = this.#nameOf(guard);
    if (guard.kind === 'absent') return [etcd.isAbsent(name)];
    if (guard.kind === 'sessionAlive') return [etcd.isThere(name)];
    // A key that is not there has revision zero for etcd, and no version for oneup.
    return [etcd.isThere(name), etcd.hasModRevision(name, guard.version)];
  }

  #readGuard(guard: Guard): etcd.EtcdOp {
    return etcd.read(this.#nameOf(guard), { keysOnly: true });
  }

  #nameOf(guard: Guard): string {
    const { records } = this.#on;
    return guard.kind === 'sessionAlive' ? records.session(guard.sessionId) : records.entry(guard.key);
  }

  #writes({ writes }: CommitRequest): readonly etcd.EtcdOp[] {
    const { records } = this.#on;
    return writes.map((write) =>
      write.kind === 'delete'
        ? etcd.remove(records.entry(write.key))
        : etcd.put(records.entry(write.key), entryValue(write.value, write.sessionId)),
    );
  }

  #committed({ writes }: CommitRequest, revision: number): CommitResult {
    const { bound } = this.#on;
    for (const write of writes) {
      if (write.kind === 'delete') bound.delete(write.key, revision);
      else bound.put(write.key, write.sessionId ?? null, revision);
    }
    return { kind: 'committed', revision };
  }

  #refused(request: CommitRequest, guards: readonly Guard[], { found, isRepeated }: TxnAnswer): CommitResult {
    const [[token] = [], ...seen] = found;
    if (token !== undefined) {
      // The token names this commit alone: a member that seemed silent has done it.
      if (isRepeated) return this.#committed(request, token.createRevision);
      throw new RangeError(`Cannot commit: a token is used once, value was ${request.token}`);
    }
    const failed = guards.find((guard, index) => !holds(guard, seen[index]?.[0]));
    if (failed === undefined || isRepeated) {
      const cause = new OneupError(
        'ONEUP_STORE_UNREACHABLE',
        'Cannot tell how a commit ended: a member of etcd went away',
      );
      return { kind: 'unknown', cause };
    }
    return { kind: 'conflict', guard: failed };
  }

  async #transact(txn: Txn, signal: AbortSignal): Promise<TxnAnswer> {
    const { value, isRepeated } = await this.#on.client.ask('/v3/kv/txn', txn, signal);
    const { succeeded, responses } = asObject(value);
    const ranges = readList(responses).map((response) => asObject(response).response_range);
    return {
      isDone: succeeded === true || txn.compare.length === 0,
      isRepeated,
      revision: readRevision(value),
      found: ranges.map((range) => (range === undefined ? [] : readList(asObject(range).kvs).map(readPair))),
    };
  }
}

/** A key bound to a session may be put only while the session is alive (S5). */
function withImplied({ guards, writes }: CommitRequest): readonly Guard[] {
  const ids = new Set(writes.flatMap((write) => (write.kind === 'put' ? (write.sessionId ?? []) : [])));
  return [...guards, ...[...ids].map((sessionId): Guard => ({ kind: 'sessionAlive', sessionId }))];
}

function holds(guard: Guard, pair: ReturnType<typeof readPair> | undefined): boolean {
  if (guard.kind === 'absent') return pair === undefined;
  return pair !== undefined && (guard.kind === 'sessionAlive' || pair.modRevision === guard.version);
}
