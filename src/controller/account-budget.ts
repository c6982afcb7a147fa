// The calls that one account of a provider may still get, kept in the store so that the next controller goes on from there.
// Only a controller calls providers by itself, so there is one holder at a time: the bucket lives in its memory, and the record
// `budget/<account>` follows. What may wait is written down before the call; what a failover takes is written down behind it,
// because a failover waits for nothing but the store that its own INTENT needs (S37).
//
// Time between two controllers is not measured: their clocks cannot be compared (S1). A successor begins with no more than
// the reserve and earns the rest on its own clock (takeOverBucket), so calls of its predecessor that the record missed are
// outweighed as long as they were fewer than it has left above the reserve, and the rest waits until they are long past.

import {
  type CallBucket,
  type CallBudget,
  refill,
  spend,
  takeOverBucket,
  waitForCallsMs,
} from '../plan/call-budget.ts';
import type { Guard } from '../ports/store.ts';
import { accountRecord } from './account-record.ts';
import type { ControllerDeps } from './controller-deps.ts';

/** Pause of what may wait when the store does not take the record: nothing is written to DNS then either (S37). */
const STORE_PAUSE_MS = 1_000;
/** An unknown outcome or a lost race is looked at and written again this often. */
const WRITES_MAX = 3;
/** The same wait is looked at again when somebody else was quicker; after so many times the call is put off. */
const LOOKS_MAX = 8;
const THOUSANDTH = 1_000;

export type AccountBudgetOptions = {
  readonly deps: Pick<ControllerDeps, 'store' | 'clock' | 'uniqueId'>;
  /** Of `budget/<account>`. */
  readonly key: string;
  readonly budget: CallBudget;
  /** Of clock rates (S1). */
  readonly rho: number;
  /** Of the term: another controller's record is not overwritten (S8). */
  readonly guards: () => readonly Guard[];
};

/** Of one term. */
export class AccountBudget {
  readonly #options: AccountBudgetOptions;
  #bucket: CallBucket | null = null;
  #version: number | null = null;
  #loading: Promise<boolean> | null = null;
  /** What was taken before the record was read. */
  #owed = 0;
  /** Of the record as it stands: calls of people that are off the bucket already. */
  #collected = 0;
  #writing: Promise<unknown> = Promise.resolve();
  #next: Promise<boolean> | null = null;

  constructor(options: AccountBudgetOptions) {
    this.#options = options;
  }

  /** Calls that are left now; null before the first. */
  get level(): number | null {
    return this.#bucket === null ? null : Math.floor(this.#now(this.#bucket).level);
  }

  /** Counts calls that do not wait. The record follows; until it has, a successor does not know of them. */
  count(cost: number): void {
    if (this.#bucket === null) this.#owed += cost;
    else this.#take(cost);
    void this.#load().then((isLoaded) => (isLoaded ? this.#write() : false));
  }

  /** 0: the calls may be made now, and are written down. Above: they must not be made, and when to ask again. */
  async take(
    cost: number,
    { maxWaitMs, signal }: { readonly maxWaitMs: number; readonly signal: AbortSignal },
  ): Promise<number> {
    const { clock } = this.#options.deps;
    const untilMonoMs = clock.monotonicMs() + maxWaitMs;
    for (let looks = 0; looks < LOOKS_MAX && !signal.aborted; looks += 1) {
      if (!(await this.#load()) || this.#bucket === null) return STORE_PAUSE_MS;
      this.#bucket = this.#now(this.#bucket);
      const waitMs = waitForCallsMs(this.#bucket, this.#options.budget, cost);
      if (waitMs === 0) {
        this.#take(cost);
        return (await this.#write()) ? 0 : STORE_PAUSE_MS;
      }
      if (clock.monotonicMs() + waitMs > untilMonoMs) return waitMs;
      await clock.sleep(waitMs, { signal }).catch(() => undefined);
    }
    return STORE_PAUSE_MS;
  }

  /** Takes off what people have started since the last record, each call once. */
  #collect(owed: number): void {
    this.#take(Math.max(owed - this.#collected, 0));
    this.#collected = owed;
  }

  #now(bucket: CallBucket): CallBucket {
    const { deps, budget, rho } = this.#options;
    return refill(bucket, budget, { monoMs: deps.clock.monotonicMs(), rho });
  }

  #take(cost: number): void {
    if (this.#bucket !== null) this.#bucket = spend(this.#now(this.#bucket), this.#options.budget, cost);
  }

  /** The record is read once in a term; whoever asks meanwhile waits for the same answer. */
  #load(): Promise<boolean> {
    if (this.#bucket !== null) return Promise.resolve(true);
    this.#loading ??= this.#read().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #read(): Promise<boolean> {
    const { deps, budget, key } = this.#options;
    const entry = await deps.store.get(key).catch(() => undefined);
    if (entry === undefined) return false;
    this.#version = entry?.version ?? null;
    const found = accountRecord(entry);
    this.#collected = found?.owed ?? 0;
    const owed = this.#owed + this.#collected;
    this.#bucket = spend(takeOverBucket(budget, found?.level ?? null, deps.clock.monotonicMs()), budget, owed);
    this.#owed = 0;
    return true;
  }

  /** One commit at a time; everything that was taken while one is under way goes into the next. */
  #write(): Promise<boolean> {
    this.#next ??= this.#writing.then(() => {
      this.#next = null;
      const written = this.#commit();
      this.#writing = written;
      return written;
    });
    return this.#next;
  }

  /** Never rejects. A record that cannot be written keeps what may wait from being called, and nothing else. */
  async #commit(): Promise<boolean> {
    const { deps, key, guards } = this.#options;
    for (let writes = 0; writes < WRITES_MAX && this.#bucket !== null; writes += 1) {
      const level = Math.floor(this.#now(this.#bucket).level * THOUSANDTH) / THOUSANDTH;
      const version = this.#version;
      const own: Guard = version === null ? { kind: 'absent', key } : { kind: 'version', key, version };
      const put = { kind: 'put', key, value: JSON.stringify({ level }) } as const;
      try {
        const result = await deps.store.commit({ guards: [...guards(), own], writes: [put], token: deps.uniqueId() });
        if (result.kind === 'committed') {
          this.#version = result.revision;
          this.#collected = 0;
          return true;
        }
        // The term has ended: the record is somebody else's.
        if (result.kind === 'conflict' && !(result.guard.kind !== 'sessionAlive' && result.guard.key === key))
          return false;
        // A commit of unknown outcome may have landed; what it wrote is no more than what is written now (S6).
        const entry = await deps.store.get(key);
        this.#version = entry?.version ?? null;
        this.#collect(accountRecord(entry)?.owed ?? 0);
      } catch {
        return false;
      }
    }
    return false;
  }
}
