// The Store contract over an engine behind a network: deadlines for every call, sessions on both sides, watches, health.
// Sessions are the same records with the same beats on every engine: no engine's own notion of a lease, a lock or a lost
// connection is believed (S3, S5), so nothing depends on how an engine treats those in an election of its own.
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
import type { RemoteBackend } from './remote-backend.ts';
import { type Readings, readClocks, SessionHolder } from './session-holder.ts';
import { WakeList } from './wake-list.ts';

/** A prober holds two sessions, its own and the controller's; more than this is a leak. */
const SESSIONS_MAX = 64;
/** How often a session looks at the clocks. */
const TICK_MS = 10;

export type RemoteStoreOptions = {
  readonly clock: Clock;
  readonly bounds: ClockBounds;
  /** Longest wait for one answer, milliseconds [2000]. */
  readonly callTimeoutMs?: number;
};

/**
 * Takes over `backend` and closes it when disposed. Disposing abandons open sessions, as a crash would: their keys stay
 * until an observer ends them.
 */
export class RemoteStore implements Store {
  readonly kind: string;
  readonly #backend: RemoteBackend;
  readonly #clock: Clock;
  readonly #callTimeoutMs: number;
  readonly #faults: FaultRecord;
  readonly #observer: BeatObserver;
  readonly #wakes = new WakeList();
  readonly #holders = new Set<SessionHolder>();
  readonly #closing = new AbortController();
  #seenRevision = -1;
  #lookAtMonoMs = 0;
  #isLooking = false;
  #isExpiring = false;
  #timer: Timer;

  constructor(backend: RemoteBackend, options: RemoteStoreOptions) {
    this.kind = backend.kind;
    this.#backend = backend;
    this.#clock = options.clock;
    this.#callTimeoutMs = options.callTimeoutMs ?? 2_000;
    this.#faults = new FaultRecord(options.clock);
    this.#observer = new BeatObserver(options.bounds);
    backend.onHint(() => this.#lookSoon());
    this.#timer = this.#clock.timer(0, () => this.#tick());
  }

  async get(key: string): Promise<StoreEntry | null> {
    checkKey(key);
    return this.#call('read', (signal) => this.#backend.get(key, signal));
  }

  async list(prefix: string): ReturnType<Store['list']> {
    checkPrefix(prefix);
    return this.#call('read', (signal) => this.#backend.list(prefix, signal));
  }

  async commit(request: CommitRequest): Promise<CommitResult> {
    checkCommitRequest(request);
    const result = await this.#call('write', (signal) => this.#backend.commit(request, signal), causeOfUnknown);
    if (result.kind === 'committed') this.#wakes.wakeAll();
    return result;
  }

  async outcomeOf(token: string): Promise<'committed' | 'absent'> {
    return this.#call('read', (signal) => this.#backend.outcomeOf(token, signal));
  }

  watch(
    prefix: string,
    options: { readonly fromRevision: number; readonly signal: AbortSignal },
  ): AsyncIterable<WatchEvent> {
    checkPrefix(prefix);
    return changeFeed({
      fromRevision: options.fromRevision,
      // What an engine has been told already says nothing about whether it still answers (S30).
      read: (cursor) => this.#call('memory', (signal) => this.#backend.changesAfter(prefix, cursor, signal)),
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
    const sent: Readings = readClocks(this.#clock);
    const row = await this.#call('write', (signal) => this.#backend.insertSession(options, signal));
    if (row === null) throw new RangeError(`Cannot open session: its id is in use, value was ${options.id}`);
    const holder = new SessionHolder(row, sent, {
      clock: this.#clock,
      backend: {
        renewSession: (name) => this.#call('write', (signal) => this.#backend.renewSession(name, signal)),
        removeSession: (name, beat) => this.#call('write', (signal) => this.#backend.removeSession(name, beat, signal)),
      },
      attempt: async (run) => run(),
      onLost: (lost) => {
        this.#holders.delete(lost);
        this.#wakes.wakeAll();
      },
    });
    this.#holders.add(holder);
    return holder;
  }

  health(): StoreHealth {
    return this.#faults.health();
  }

  inUse(): string | null {
    return this.#backend.inUse?.() ?? null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(closedError());
    this.#timer.stop();
    for (const holder of [...this.#holders]) holder.abandon('the store was closed');
    this.#wakes.wakeAll();
    this.#backend.close();
  }

  /** One call under its deadline; remembers how it went. `faultIn` finds a fault in a value. */
  async #call<T>(
    door: Door | 'memory',
    run: (signal: AbortSignal) => Promise<T>,
    faultIn: (value: T) => OneupError | null = () => null,
  ): Promise<T> {
    const closing = this.#closing.signal;
    closing.throwIfAborted();
    const deadline = new AbortController();
    const timer = this.#clock.timer(this.#callTimeoutMs, () => deadline.abort(this.#timeoutError()));
    try {
      const value = await run(AbortSignal.any([deadline.signal, closing]));
      const fault = faultIn(value);
      if (door !== 'memory' && fault === null) this.#faults.succeeded(door);
      if (door !== 'memory' && fault !== null) this.#faults.failed(door, fault);
      return value;
    } catch (error) {
      closing.throwIfAborted();
      if (error instanceof OneupError) this.#faults.failed(door === 'memory' ? 'read' : door, error);
      throw error;
    } finally {
      timer.stop();
    }
  }

  #timeoutError(): OneupError {
    return new OneupError(
      'ONEUP_STORE_UNREACHABLE',
      `Cannot reach the ${this.kind} store: no answer within ${this.#callTimeoutMs} ms`,
    );
  }

  #tick(): void {
    for (const holder of [...this.#holders]) holder.tick();
    if (this.#clock.monotonicMs() >= this.#lookAtMonoMs) void this.#look();
    void this.#expireOverdue();
    this.#timer = this.#clock.timer(TICK_MS, () => this.#tick());
  }

  #lookSoon(): void {
    this.#lookAtMonoMs = 0;
    if (!this.#closing.signal.aborted) void this.#look();
  }

  /** Takes in what others did since the last look. One look at a time; a hint during it asks for one more. */
  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      do {
        this.#lookAtMonoMs = this.#clock.monotonicMs() + this.#backend.pollMs;
        await this.#lookOnce();
      } while (this.#lookAtMonoMs === 0 && !this.#closing.signal.aborted);
    } finally {
      this.#isLooking = false;
    }
  }

  async #lookOnce(): Promise<void> {
    const wasFailing = this.#faults.isFailing('read');
    try {
      const { revision, sessions } = await this.#call('read', (signal) => this.#backend.look(signal));
      this.#observer.note(sessions, this.#clock.monotonicMs());
      if (revision !== this.#seenRevision || wasFailing) this.#wakes.wakeAll();
      this.#seenRevision = revision;
    } catch (error) {
      if (!(error instanceof OneupError)) throw error;
    }
  }

  /** Ends sessions whose beat stood still for too long: by a commit that a late renewal defeats (S5). */
  async #expireOverdue(): Promise<void> {
    if (this.#isExpiring) return;
    this.#isExpiring = true;
    try {
      for (const row of this.#observer.overdue(this.#clock.monotonicMs())) {
        await this.#call('write', (signal) => this.#backend.removeSession(row, row.beat, signal));
        this.#lookSoon();
      }
    } catch (error) {
      // The store is away: the next tick finds the same sessions overdue.
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
