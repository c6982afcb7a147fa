// What an engine inside this process must be able to do: one attempt, at once, no waiting. Waiting for locks, sessions,
// watches and health are the same for every such engine and live in embedded-store.ts.
import type { CommitRequest, CommitResult, StoreEntry } from '../ports/store.ts';

/** Every function is one attempt that either happens whole or throws OneupError with nothing written. */
export type StoreBackend = {
  readonly kind: string;
  /** The global counter: raised by every change, never repeats (S5). */
  readonly revision: () => number;
  readonly get: (key: string) => StoreEntry | null;
  readonly list: (prefix: string) => { readonly entries: readonly StoreEntry[]; readonly revision: number };
  readonly commit: (request: CommitRequest) => CommitResult;
  readonly outcomeOf: (token: string) => 'committed' | 'absent';
  readonly changesAfter: (prefix: string, cursor: ChangeCursor) => ChangePage;
  readonly sessions: () => readonly SessionRow[];
  /** Null when the id is in use. */
  readonly insertSession: (session: { readonly id: string; readonly ttlMs: number }) => SessionRow | null;
  /** Raises the beat. False when the session is gone. */
  readonly renewSession: (session: SessionName) => boolean;
  /** Removes the session and its keys; with a beat only if it still stands (S5). False when nothing was removed. */
  readonly removeSession: (session: SessionName, beat: number | null) => boolean;
  readonly close: () => void;
};

/** The incarnation is the revision of the session's birth, so even a repeated id names another session (S5). */
export type SessionName = { readonly id: string; readonly incarnation: number };

export type SessionRow = SessionName & {
  /** Raised by every renewal (S5). */
  readonly beat: number;
  readonly ttlMs: number;
};

/** Position in the change log: everything up to and including change `seq` of `revision` has been read. */
export type ChangeCursor = { readonly revision: number; readonly seq: number };

/** A watch event before it is known whether more of its revision follows. */
export type Change =
  | { readonly kind: 'put'; readonly entry: StoreEntry; readonly revision: number }
  | { readonly kind: 'delete'; readonly key: string; readonly revision: number };

export type ChangePage =
  | { readonly kind: 'changes'; readonly changes: readonly Change[]; readonly next: ChangeCursor }
  /** The log no longer reaches back to the cursor, or the store is older than it. */
  | { readonly kind: 'trimmed'; readonly next: ChangeCursor };

/** A page keeps the event loop for about a millisecond. */
export const CHANGES_PER_PAGE = 256;
/** Above every `seq`: a cursor with it stands behind a whole revision. */
export const SEQ_END = Number.MAX_SAFE_INTEGER;
