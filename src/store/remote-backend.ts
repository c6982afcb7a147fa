// What an engine behind a network must be able to do: single questions and single changes, each with a deadline that the
// caller sets. Sessions, watches, retries and health are the same for every such engine and live in remote-store.ts.
import type { CommitRequest, CommitResult, StoreEntry } from '../ports/store.ts';
import type { ChangeCursor, ChangePage, SessionName, SessionRow } from './store-backend.ts';

/** The state of the engine at one instant. */
export type RemoteLook = { readonly revision: number; readonly sessions: readonly SessionRow[] };

/**
 * Every answer is linearizable: it holds at an instant after the question was sent. A call whose signal aborts rejects soon
 * and leaves nothing behind but, for a change, the doubt whether it happened.
 *
 * A call throws OneupError when the engine did not answer or refused, and RangeError for a mistake of the caller. A commit
 * throws only when nothing was sent; a doubt is a result. A change of a session in doubt throws: its beat speaks for it (S5).
 */
export type RemoteBackend = {
  readonly kind: string;
  /** How often `look` is asked when nothing hints at a change, milliseconds. */
  readonly pollMs: number;
  /** What changed up to the revision of the answer can then be read with `changesAfter`. */
  readonly look: (signal: AbortSignal) => Promise<RemoteLook>;
  readonly get: (key: string, signal: AbortSignal) => Promise<StoreEntry | null>;
  readonly list: (prefix: string, signal: AbortSignal) => Promise<RemoteList>;
  readonly commit: (request: CommitRequest, signal: AbortSignal) => Promise<CommitResult>;
  readonly outcomeOf: (token: string, signal: AbortSignal) => Promise<'committed' | 'absent'>;
  readonly changesAfter: (prefix: string, cursor: ChangeCursor, signal: AbortSignal) => Promise<ChangePage>;
  /** Null when the id is in use. */
  readonly insertSession: (
    session: { readonly id: string; readonly ttlMs: number },
    signal: AbortSignal,
  ) => Promise<SessionRow | null>;
  /** Raises the beat. False when the session is gone. */
  readonly renewSession: (session: SessionName, signal: AbortSignal) => Promise<boolean>;
  /** Removes the session and its keys; with a beat only if it still stands (S5). False when nothing was removed. */
  readonly removeSession: (session: SessionName, beat: number | null, signal: AbortSignal) => Promise<boolean>;
  /** Names who is to be called soon after somebody changed something. A hint that may come late, twice or never (S6). */
  readonly onHint: (wake: () => void) => void;
  /** The member that answered last, as `Store.inUse`. */
  readonly inUse?: () => string | null;
  readonly close: () => void;
};

export type RemoteList = { readonly entries: readonly StoreEntry[]; readonly revision: number };
