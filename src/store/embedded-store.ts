// The Store contract over an engine that answers at once: waiting for locks, sessions on both sides, watches, health.
// One look at the engine every `pollMs` drives all of it; what this process commits itself wakes its watches at once.
import type { Clock, Timer } from '../base/clock.ts';
import type { ClockBounds } from '../base/clock-bounds.ts';
import { OneupError } from '../base/oneup-error.ts';
import type {
  CommitRequest,
  CommitResult,
  Session,
  SessionOptions,
  Store,
  StoreEntry,
  StoreHealth,
  WatchEvent,
} from '../ports/store.ts';
import { BeatObserver } from './beat-observer.ts';
import { changeFeed } from './change-feed.ts';
import { checkCommitRequest, checkKey, checkPrefix, checkSessionOptions } from './commit-limits.ts';
import { type Door, FaultRecord } from './fault-record.ts';
import { retryWhileBusy } from './retry-while-busy.ts';
import { type Readings, readClocks, SessionHolder } from './session-holder.ts';
import type { StoreBackend } from './store-backend.ts';
import { WakeList } from './wake-list.ts';

/** A prober holds two sessions, its own and the controller's; more than this is a leak. */
const SESSIONS_MAX = 64;

export type EmbeddedStoreOptions = {
  readonly clock: Clock;
  readonly bounds: ClockBounds;
  /** How often the engine is looked at for changes of others, milliseconds [10]. */
  readonly pollMs?: number;
  /** Longest wait for a lock that another process holds, milliseconds [1000]. */
  readonly lockWaitMs?: number;
};

/**
 * Takes over `backend` and closes it when disposed. Disposing abandons open sessions, as a crash would: their keys stay
 * until an observer ends them. Close a session first where its keys should go at once.
 */
export class EmbeddedStore implements Store {
  readonly kind: string;
  readonly #backend: StoreBackend;
  readonly #clock: Clock;
  readonly #pollMs: number;
  readonly #lockWaitMs: number;
  readonly #faults: FaultRecord;
  readonly #observer: BeatObserver;
  readonly #wakes = new WakeList();
  readonly #holders = new Set<SessionHolder>();
  readonly #closing = new AbortController();
  #seenRevision = -1;
  #isExpiring = false;
  #timer: Timer;

  constructor(backend: StoreBackend, options: EmbeddedStoreOptions) {
    this.kind = backend.kind;
    this.#backend = backend;
    this.#clock = options.clock;
    this.#pollMs = options.pollMs ?? 10;
    this.#lockWaitMs = options.lockWaitMs ?? 1_000;
    this.#faults = new FaultRecord(options.clock);
    this.#observer = new BeatObserver(options.bounds);
    this.#timer = this.#clock.timer(0, () => this.#tick());
  }

  async get(key: string): Promise<StoreEntry | null> {
    checkKey(key);
    return this.#attempt('read', () => this.#backend.get(key));
  }

  async list(prefix: string): ReturnType<Store['list']> {
    checkPrefix(prefix);
    return this.#attempt('read', () => this.#backend.list(prefix));
  }

  async commit(request: CommitRequest): Promise<CommitResult> {
    checkCommitRequest(request);
    const result = await this.#attempt('write', () => this.#backend.commit(request), causeOfUnknown);
    if (result.kind === 'committed') this.#wakes.wakeAll();
    return result;
  }

  async outcomeOf(token: string): Promise<'committed' | 'absent'> {
    return this.#attempt('read', () => this.#backend.outcomeOf(token));
  }

  watch(
    prefix: string,
    options: { readonly fromRevision: number; readonly signal: AbortSignal },
  ): AsyncIterable<WatchEvent> {
    checkPrefix(prefix);
    return changeFeed({
      fromRevision: options.fromRevision,
      read: (cursor) => this.#attempt('read', () => this.#backend.changesAfter(prefix, cursor)),
      readBreaks: () => this.#faults.readBreaks(),
      wakes: this.#wakes,
      signal: AbortSignal.any([options.signal, this.#closing.signal]),
    });
  }

  async openSession(options: SessionOptions): Promise<Session> {
    checkSessionOptions(options);
    if (this.#holders.size >= SESSIONS_MAX) {
      throw new RangeError(`Cannot open session: at most ${SESSIONS_MAX} at once, value was ${options.id}`);
    }
    let sent: Readings = readClocks(this.#clock);
    const row = await this.#attempt('write', () => {
      sent = readClocks(this.#clock);
      return this.#backend.insertSession(options);
    });
    if (row === null) throw new RangeError(`Cannot open session: its id is in use, value was ${options.id}`);
    const holder = new SessionHolder(row, sent, {
      clock: this.#clock,
      backend: this.#backend,
      attempt: async (run) => this.#attempt('write', run).finally(() => this.#wakes.wakeAll()),
      onLost: (lost) => this.#holders.delete(lost),
    });
    this.#holders.add(holder);
    return holder;
  }

  health(): StoreHealth {
    return this.#faults.health();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(closedError());
    this.#timer.stop();
    for (const holder of [...this.#holders]) holder.abandon('the store was closed');
    this.#wakes.wakeAll();
    this.#backend.close();
  }

  /** Runs one attempt, again while the store is locked, and remembers how it went; `faultIn` finds a fault in a value. */
  async #attempt<T>(door: Door, run: () => T, faultIn: (value: T) => OneupError | null = () => null): Promise<T> {
    const { signal } = this.#closing;
    const runWhileOpen = (): T => {
      signal.throwIfAborted();
      return run();
    };
    try {
      const value = await retryWhileBusy(runWhileOpen, { clock: this.#clock, lockWaitMs: this.#lockWaitMs, signal });
      const fault = faultIn(value);
      if (fault === null) this.#faults.succeeded(door);
      else this.#faults.failed(door, fault);
      return value;
    } catch (error) {
      if (error instanceof OneupError) this.#faults.failed(door, error);
      throw error;
    }
  }

  #tick(): void {
    this.#look();
    for (const holder of [...this.#holders]) holder.tick();
    void this.#expireOverdue();
    this.#timer = this.#clock.timer(this.#pollMs, () => this.#tick());
  }

  /** Takes in what others did since the last look. */
  #look(): void {
    const wasFailing = this.#faults.isFailing('read');
    try {
      const revision = this.#backend.revision();
      if (revision !== this.#seenRevision) {
        const rows = this.#backend.sessions();
        this.#observer.note(rows, this.#clock.monotonicMs());
      }
      this.#faults.succeeded('read');
      if (revision !== this.#seenRevision || wasFailing) this.#wakes.wakeAll();
      this.#seenRevision = revision;
    } catch (error) {
      if (!(error instanceof OneupError)) throw error;
      this.#faults.failed('read', error);
    }
  }

  /** Ends sessions whose beat stood still for too long: by a commit that a late renewal defeats (S5). */
  async #expireOverdue(): Promise<void> {
    if (this.#isExpiring) return;
    this.#isExpiring = true;
    try {
      for (const row of this.#observer.overdue(this.#clock.monotonicMs())) {
        await this.#attempt('write', () => this.#backend.removeSession(row, row.beat));
      }
    } catch (error) {
      // The store is away or locked: the next tick finds the same sessions overdue.
      if (!(error instanceof OneupError)) throw error;
    } finally {
      this.#isExpiring = false;
    }
  }
}

function causeOfUnknown(result: CommitResult): OneupError | null {
  return result.kind === 'unknown' && result.cause instanceof OneupError ? result.cause : null;
}

function closedError(): OneupError {
  return new OneupError('ONEUP_STORE_UNREACHABLE', 'Cannot use store: this process has closed it', {
    remedy: 'Nothing: the process is ending',
  });
}
