// The store: the only truth of a cluster, linearizable, with one contract for every engine (S4 to S9).
// test/conformance/store.ts defines the meaning of every sentence here.

/** A record as the store holds it. Values are JSON text; the store never looks inside. */
export type StoreEntry = {
  readonly key: string;
  readonly value: string;
  /** Never repeats for a key, not even after a delete (S5). */
  readonly version: number;
  /** Id of the session whose end removes the key, or null for a persistent key. */
  readonly sessionId: string | null;
};

export type Guard =
  | { readonly kind: 'absent'; readonly key: string }
  | { readonly kind: 'version'; readonly key: string; readonly version: number }
  | { readonly kind: 'sessionAlive'; readonly sessionId: string };

export type StoreWrite =
  | { readonly kind: 'put'; readonly key: string; readonly value: string; readonly sessionId?: string }
  | { readonly kind: 'delete'; readonly key: string };

export type CommitRequest = {
  readonly guards: readonly Guard[];
  readonly writes: readonly StoreWrite[];
  /** Unique text written with the commit, so that an unknown outcome can be settled (S6). */
  readonly token: string;
};

/**
 * `committed`: all writes are durable, each with version `revision`. `conflict`: a guard failed, nothing was written.
 * `unknown`: the connection or disk failed after sending; ask `outcomeOf(token)`.
 */
export type CommitResult =
  | { readonly kind: 'committed'; readonly revision: number }
  | { readonly kind: 'conflict'; readonly guard: Guard }
  | { readonly kind: 'unknown'; readonly cause: Error };

export type WatchEvent =
  | {
      readonly kind: 'put';
      readonly entry: StoreEntry;
      readonly revision: number;
      /** Nothing more of this revision follows: what a commit did together can be taken in together. */
      readonly isLast: boolean;
    }
  | { readonly kind: 'delete'; readonly key: string; readonly revision: number; readonly isLast: boolean }
  /** Events were lost or may have been: list again, then go on from that revision. */
  | { readonly kind: 'resync' };

export type SessionOptions = {
  /** Id that is never used again, such as `fra-` followed by a random part. */
  readonly id: string;
  readonly ttlMs: number;
};

/**
 * A session: its keys vanish with it. It renews itself until `close` or `pauseRenewal`, and knows its own may-act deadline,
 * which starts at the time taken *before* the last renewal that succeeded was sent (S3), on the clock that counts
 * suspension (S2).
 */
export type Session = {
  readonly id: string;
  readonly ttlMs: number;
  /** `bootMs` of the clock until which the holder may act; already past when the session is lost. */
  readonly mayActUntilBootMs: () => number;
  /** Stops renewing (the holder found itself unfit, S23) or starts again; a session that expired stays expired. */
  readonly setRenewing: (renewing: boolean) => void;
  /** Resolves with the reason once the session can no longer be used. Never rejects. */
  readonly lost: Promise<string>;
  /** Ends the session and removes its keys. Safe to repeat. */
  readonly close: () => Promise<void>;
};

export type Store = AsyncDisposable & {
  readonly kind: string;
  readonly get: (key: string) => Promise<StoreEntry | null>;
  /** Every key with the prefix in key order, and the revision at which this was true. */
  readonly list: (prefix: string) => Promise<{ readonly entries: readonly StoreEntry[]; readonly revision: number }>;
  /** All or nothing: the guards are evaluated and the writes done at one instant. Throws OneupError when nothing was sent. */
  readonly commit: (request: CommitRequest) => Promise<CommitResult>;
  /** Settles a commit of unknown outcome: was this token written? `absent` settles nothing until a later guarded commit (S8). */
  readonly outcomeOf: (token: string) => Promise<'committed' | 'absent'>;
  /** Changes under `prefix` after `fromRevision`, in order. Ends when the signal aborts; a hint, never the truth (S6). */
  readonly watch: (
    prefix: string,
    options: { readonly fromRevision: number; readonly signal: AbortSignal },
  ) => AsyncIterable<WatchEvent>;
  readonly openSession: (options: SessionOptions) => Promise<Session>;
  readonly health: () => StoreHealth;
  /** The member that answered last, by the name that `status` gives it; null when none does, absent on a single machine. */
  readonly inUse?: () => string | null;
};

export type StoreHealth =
  | { readonly kind: 'reachable'; readonly lastSuccessMonoMs: number }
  | { readonly kind: 'lost'; readonly sinceMonoMs: number; readonly code: string; readonly reason: string };
