// What a client knows of all keys at one revision: their versions and sessions but not their values, the sessions, and the
// tokens of the log. Guards are evaluated from it; a commit then proves that the revision was still the latest (S5).
import type { SessionName, SessionRow } from '../store-backend.ts';
import type { BlobRef } from './blob-ref.ts';
import type { DataRecord } from './data-record.ts';
import type { LogRecord, LogWrite } from './log-record.ts';

export type KeyRow = { readonly version: number; readonly session: SessionName | null; readonly blob: BlobRef | null };

/** Of each revision in the log: its token, and the blobs that go when it goes. */
type Logged = { readonly token: string | null; readonly frees: readonly BlobRef[] };

export class KeyIndex {
  #revision = 0;
  #logFrom = 1;
  readonly #rows = new Map<string, KeyRow>();
  /** Keys that are gone with their session while their znodes are still there. */
  readonly #orphans = new Set<string>();
  readonly #sessions = new Map<string, SessionRow>();
  readonly #logged = new Map<number, Logged>();
  readonly #tokens = new Set<string>();

  get revision(): number {
    return this.#revision;
  }

  /** The oldest revision in the log; one more than the revision when the log is empty. */
  get logFrom(): number {
    return this.#logFrom;
  }

  get(key: string): KeyRow | undefined {
    return this.#rows.get(key);
  }

  /** Keys that begin with the prefix, in key order. */
  keysUnder(prefix: string): readonly string[] {
    return [...this.#rows.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  /** Keys that end with the session, in key order. */
  keysOf(name: SessionName): readonly string[] {
    return [...this.#rows]
      .filter(([, { session }]) => isSame(session, name))
      .map(([key]) => key)
      .sort();
  }

  orphans(): readonly string[] {
    return [...this.#orphans];
  }

  isOrphan(key: string): boolean {
    return this.#orphans.has(key);
  }

  sessions(): readonly SessionRow[] {
    return [...this.#sessions.values()];
  }

  sessionById(id: string): SessionRow | null {
    return this.#sessions.get(id) ?? null;
  }

  session({ id, incarnation }: SessionName): SessionRow | null {
    const row = this.#sessions.get(id);
    return row?.incarnation === incarnation ? row : null;
  }

  hasToken(token: string): boolean {
    return this.#tokens.has(token);
  }

  /** Blobs that go when the log of this revision goes. */
  freesOf(revision: number): readonly BlobRef[] {
    return this.#logged.get(revision)?.frees ?? [];
  }

  /** Every blob that a key, or a record of the log, keeps alive; `inLog` are those that only the log shows. */
  blobIds(): Set<string> {
    const ids = new Set<string>();
    for (const { blob } of this.#rows.values()) if (blob !== null) ids.add(blob.id);
    for (const { frees } of this.#logged.values()) for (const { id } of frees) ids.add(id);
    return ids;
  }

  /** Takes in the record of the next revision. Also right when rows from later revisions are here already. */
  apply(revision: number, record: LogRecord): void {
    for (const write of record.writes) this.#write(write, revision);
    if (record.session !== null) this.#applySession(record.session, revision);
    for (const key of record.swept) {
      this.#orphans.delete(key);
      // While the store is loaded, what was left behind is still a row (see settleAt).
      this.#rows.delete(key);
    }
    this.noteLog(revision, record);
    this.#revision = revision;
    this.#dropLogBefore(record.logFrom);
  }

  noteRow(key: string, { version, session, value }: DataRecord): void {
    this.#rows.set(key, { version, session, blob: typeof value === 'string' ? null : value });
  }

  noteSession(row: SessionRow): void {
    this.#sessions.set(row.id, row);
  }

  noteLog(revision: number, { token, frees }: Logged): void {
    this.#logged.set(revision, { token, frees });
    if (token !== null) this.#tokens.add(token);
  }

  /** Ends loading: what was read is true at this revision. Rows of sessions that are not there are orphans. */
  settleAt(revision: number, logFrom: number): void {
    this.#revision = revision;
    this.#dropLogBefore(logFrom);
    for (const [key, { session }] of this.#rows) {
      if (session !== null && this.session(session) === null) this.#leave(key);
    }
  }

  #write(write: LogWrite, revision: number): void {
    this.#orphans.delete(write.key);
    if (write.kind === 'delete') {
      this.#rows.delete(write.key);
      return;
    }
    const { key, session, value } = write;
    this.#rows.set(key, { version: revision, session, blob: typeof value === 'string' ? null : value });
  }

  #applySession(change: NonNullable<LogRecord['session']>, revision: number): void {
    if (change.kind === 'born') {
      const { id, ttlMs } = change;
      this.#sessions.set(id, { id, incarnation: revision, beat: revision, ttlMs });
      return;
    }
    const row = this.session(change.name);
    if (change.kind === 'beat') {
      if (row !== null) this.#sessions.set(row.id, { ...row, beat: revision });
      return;
    }
    if (row !== null) this.#sessions.delete(row.id);
    for (const key of this.keysOf(change.name)) {
      if (change.leftFrom !== null && key >= change.leftFrom) this.#leave(key);
      else this.#rows.delete(key);
    }
  }

  #leave(key: string): void {
    this.#rows.delete(key);
    this.#orphans.add(key);
  }

  #dropLogBefore(logFrom: number): void {
    this.#logFrom = logFrom;
    // In the order of insertion, which is that of revisions: the loop ends at the first one that stays.
    for (const [revision, { token }] of this.#logged) {
      if (revision >= logFrom) break;
      this.#logged.delete(revision);
      if (token !== null) this.#tokens.delete(token);
    }
  }
}

function isSame(a: SessionName | null, b: SessionName): boolean {
  return a?.id === b.id && a.incarnation === b.incarnation;
}
