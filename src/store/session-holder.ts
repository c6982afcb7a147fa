// The holder's side of a session: when to renew, until when it may act, and that it is over. It trusts no notification:
// its own deadline ends it (S3), and a renewal that finds the session gone ends it at once.
import type { Clock } from '../base/clock.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { Session } from '../ports/store.ts';
import type { SessionName, SessionRow } from './store-backend.ts';

/** Renewing thrice per ttl leaves two lost renewals before the deadline. */
const RENEWALS_PER_TTL = 3;
/** After a renewal that failed the next is tried soon, but not so soon that a struggling store drowns in them. */
const RETRIES_PER_TTL = 20;
/** Before every reading of the boot clock, and still a number when it travels as JSON. */
const PAST_MS = -1;

/** As `StoreBackend` has it, at once or behind a network. */
export type SessionBackend = {
  readonly renewSession: (session: SessionName) => boolean | Promise<boolean>;
  readonly removeSession: (session: SessionName, beat: number | null) => boolean | Promise<boolean>;
};

export type SessionDependencies = {
  readonly clock: Clock;
  readonly backend: SessionBackend;
  /** Runs one attempt, again while the store is locked. */
  readonly attempt: <T>(run: () => T | Promise<T>) => Promise<T>;
  readonly onLost: (holder: SessionHolder) => void;
};

/** All three clocks at one moment: whichever says that a renewal is due is right (S2). */
export type Readings = { readonly monoMs: number; readonly bootMs: number; readonly wallMs: number };

type Renewal =
  | { readonly kind: 'renewed'; readonly sent: Readings }
  | { readonly kind: 'gone' }
  | { readonly kind: 'late' };

export class SessionHolder implements Session {
  readonly id: string;
  readonly ttlMs: number;
  readonly lost: Promise<string>;
  readonly #name: SessionName;
  readonly #on: SessionDependencies;
  readonly #announceLoss: (reason: string) => void;
  #sent: Readings;
  #deadlineBootMs: number;
  #retryAtMonoMs = 0;
  #isRenewing = true;
  #isInFlight = false;
  #isLost = false;

  /** `sent` was read before the request that opened the session (S3). */
  constructor(row: SessionRow, sent: Readings, dependencies: SessionDependencies) {
    this.id = row.id;
    this.ttlMs = row.ttlMs;
    this.#name = { id: row.id, incarnation: row.incarnation };
    this.#on = dependencies;
    this.#sent = sent;
    this.#deadlineBootMs = sent.bootMs + row.ttlMs;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.lost = promise;
    this.#announceLoss = resolve;
  }

  mayActUntilBootMs(): number {
    return this.#deadlineBootMs;
  }

  setRenewing(renewing: boolean): void {
    this.#isRenewing = renewing;
  }

  async close(): Promise<void> {
    // The right to act ends before the keys go: nobody may see them gone while this holder still acts.
    this.abandon('the session was closed');
    await this.#on.attempt(() => this.#on.backend.removeSession(this.#name, null));
  }

  /** Gives the session up without telling the store; its keys stay until an observer ends it. */
  abandon(reason: string): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#deadlineBootMs = PAST_MS;
    this.#announceLoss(reason);
    this.#on.onLost(this);
  }

  /** Looks at the clocks: ends the session at its deadline, or starts a renewal that is due. Never throws. */
  tick(): void {
    if (this.#isLost) return;
    const now = readClocks(this.#on.clock);
    if (now.bootMs >= this.#deadlineBootMs) return this.abandon('no renewal succeeded within its ttl');
    if (this.#isRenewing && !this.#isInFlight && this.#isDue(now)) void this.#renew();
  }

  /** S2: a wall clock that runs ahead forces a renewal at once; alone it expires nothing. */
  #isDue(now: Readings): boolean {
    if (now.monoMs < this.#retryAtMonoMs) return false;
    const sent = this.#sent;
    const furthestMs = Math.max(now.monoMs - sent.monoMs, now.bootMs - sent.bootMs, now.wallMs - sent.wallMs);
    return furthestMs >= this.ttlMs / RENEWALS_PER_TTL;
  }

  async #renew(): Promise<void> {
    this.#isInFlight = true;
    try {
      this.#settle(await this.#on.attempt(() => this.#send()));
    } catch (error) {
      // A renewal of unknown outcome counts as failed: the deadline stays where the last known success put it (S3).
      if (!(error instanceof OneupError)) throw error;
      this.#retryAtMonoMs = this.#on.clock.monotonicMs() + this.ttlMs / RETRIES_PER_TTL;
    } finally {
      this.#isInFlight = false;
    }
  }

  #send(): Renewal | Promise<Renewal> {
    // Read again for every attempt, and before it: the wait for a lock must not lengthen the deadline (S3).
    const sent = readClocks(this.#on.clock);
    if (sent.bootMs >= this.#deadlineBootMs) return { kind: 'late' };
    const told = (isAlive: boolean): Renewal => (isAlive ? { kind: 'renewed', sent } : { kind: 'gone' });
    const answer = this.#on.backend.renewSession(this.#name);
    return typeof answer === 'boolean' ? told(answer) : answer.then(told);
  }

  #settle(renewal: Renewal): void {
    if (this.#isLost) return;
    if (renewal.kind === 'gone') return this.abandon('the session is gone from the store');
    if (renewal.kind === 'late') return this.abandon('no renewal succeeded within its ttl');
    this.#sent = renewal.sent;
    this.#deadlineBootMs = renewal.sent.bootMs + this.ttlMs;
  }
}

export function readClocks(clock: Clock): Readings {
  return { monoMs: clock.monotonicMs(), bootMs: clock.bootMs(), wallMs: clock.wallMs() };
}
