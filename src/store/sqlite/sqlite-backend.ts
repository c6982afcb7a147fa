// The SQLite engine: what each question and each change is in rows. It neither waits nor remembers anything but its
// connection; locks, sessions and watches are handled above it.
import type { DatabaseSync } from 'node:sqlite';
import { assertNever } from '../../base/assert-never.ts';
import { OneupError } from '../../base/oneup-error.ts';
import type { CommitRequest, CommitResult, Guard, StoreEntry, StoreWrite } from '../../ports/store.ts';
import {
  CHANGES_PER_PAGE,
  type ChangeCursor,
  type ChangePage,
  SEQ_END,
  type SessionName,
  type SessionRow,
  type StoreBackend,
} from '../store-backend.ts';
import type { FileWatcher } from './file-watcher.ts';
import { countOf, readChange, readEntry, readSession } from './rows.ts';
import { toStoreFailure } from './sqlite-failure.ts';
import { endTransaction, runTransaction, type TransactionEnd } from './sqlite-transaction.ts';
import type { Statements } from './statements.ts';

/** A list comes in one piece, at about a microsecond per entry; more than this would hold up every other duty. */
const LIST_MAX = 50_000;
/** Sorts behind every printable ASCII character, so `prefix + END` ends the keys with the prefix. */
const PREFIX_END = '\x7f';
/** Trimming costs a few milliseconds, so it is done by every thousandth change or, with a short log, by every tenth of it. */
const TRIM_STRIDE_MAX = 1_000;

export type SqliteBackendOptions = {
  readonly db: DatabaseSync;
  readonly statements: Statements;
  readonly file: FileWatcher;
  readonly path: string;
  /** How many revisions, and how many bytes of them, the change log keeps. */
  readonly logRevisionsMax: number;
  readonly logBytesMax: number;
  readonly tokensMax: number;
};

export class SqliteBackend implements StoreBackend {
  readonly kind = 'sqlite';
  readonly #on: SqliteBackendOptions;
  readonly #sql: Statements;

  constructor(options: SqliteBackendOptions) {
    this.#on = options;
    this.#sql = options.statements;
  }

  revision(): number {
    return this.#read(() => countOf(this.#sql.counter.get(), 'revision'));
  }

  get(key: string): StoreEntry | null {
    return this.#read(() => this.#entry(key));
  }

  list(prefix: string): ReturnType<StoreBackend['list']> {
    return this.#readTogether(() => {
      const revision = countOf(this.#sql.counter.get(), 'revision');
      const rows = this.#sql.entriesIn.all(prefix, prefix + PREFIX_END, LIST_MAX + 1);
      if (rows.length > LIST_MAX) {
        throw new RangeError(`Cannot list: more than ${LIST_MAX} keys, value was ${JSON.stringify(prefix)}`);
      }
      return { entries: rows.map(readEntry), revision };
    });
  }

  commit({ guards, writes, token }: CommitRequest): CommitResult {
    const end = this.#change((revision): { keep: boolean; value: CommitResult } => {
      if (this.#sql.token.get(token) !== undefined) {
        throw new RangeError(`Cannot commit: a token is used once, value was ${token}`);
      }
      const failed = this.#firstFailed(guards, writes);
      if (failed !== null) return { keep: false, value: { kind: 'conflict', guard: failed } };
      let seq = 0;
      for (const write of writes) if (this.#apply(write, { revision, seq })) seq++;
      this.#sql.insertToken.run(token);
      return { keep: true, value: { kind: 'committed', revision } };
    });
    return end.kind === 'unknown' ? end : end.value;
  }

  outcomeOf(token: string): 'committed' | 'absent' {
    return this.#read(() => (this.#sql.token.get(token) === undefined ? 'absent' : 'committed'));
  }

  changesAfter(prefix: string, cursor: ChangeCursor): ChangePage {
    return this.#readTogether((): ChangePage => {
      const counter = this.#sql.counter.get();
      const end = { revision: countOf(counter, 'revision'), seq: SEQ_END };
      if (cursor.revision < countOf(counter, 'trimmed') || cursor.revision > end.revision || cursor.revision < 0) {
        return { kind: 'trimmed', next: end };
      }
      const { revision, seq } = cursor;
      const rows = this.#sql.changesAfter.all(revision, seq, prefix, prefix + PREFIX_END, CHANGES_PER_PAGE);
      const logged = rows.map(readChange);
      const last = logged.at(-1);
      const isPartial = last !== undefined && logged.length === CHANGES_PER_PAGE;
      const next = isPartial ? { revision: last.change.revision, seq: last.seq } : end;
      return { kind: 'changes', changes: logged.map(({ change }) => change), next };
    });
  }

  sessions(): readonly SessionRow[] {
    return this.#read(() => this.#sql.sessions.all().map(readSession));
  }

  insertSession({ id, ttlMs }: { readonly id: string; readonly ttlMs: number }): SessionRow | null {
    const end = this.#change((revision) => {
      if (this.#sql.session.get(id) !== undefined) return { keep: false, value: null };
      this.#sql.insertSession.run(id, revision, ttlMs);
      return { keep: true, value: { id, incarnation: revision, beat: 0, ttlMs } };
    });
    return known(end);
  }

  renewSession({ id, incarnation }: SessionName): boolean {
    const end = this.#change(() => {
      const isAlive = this.#sql.raiseBeat.run(id, incarnation).changes > 0;
      return { keep: isAlive, value: isAlive };
    });
    return known(end);
  }

  removeSession({ id, incarnation }: SessionName, beat: number | null): boolean {
    const end = this.#change((revision) => {
      const isRemoved = this.#sql.deleteSession.run(id, incarnation, beat).changes > 0;
      if (!isRemoved) return { keep: false, value: false };
      const rows = this.#sql.keysOfSession.all(id);
      for (const [seq, row] of rows.entries()) this.#apply({ kind: 'delete', key: String(row.key) }, { revision, seq });
      return { keep: true, value: true };
    });
    return known(end);
  }

  close(): void {
    this.#on.db.close();
  }

  #entry(key: string): StoreEntry | null {
    const row = this.#sql.entry.get(key);
    return row === undefined ? null : readEntry(row);
  }

  #firstFailed(guards: readonly Guard[], writes: readonly StoreWrite[]): Guard | null {
    for (const guard of guards) if (!this.#holds(guard)) return guard;
    for (const write of writes) {
      if (write.kind !== 'put' || write.sessionId === undefined) continue;
      // A key bound to a session may be put only while the session is alive (S5).
      const implied: Guard = { kind: 'sessionAlive', sessionId: write.sessionId };
      if (!this.#holds(implied)) return implied;
    }
    return null;
  }

  #holds(guard: Guard): boolean {
    switch (guard.kind) {
      case 'absent':
        return this.#sql.entry.get(guard.key) === undefined;
      case 'version':
        return this.#entry(guard.key)?.version === guard.version;
      case 'sessionAlive':
        return this.#sql.session.get(guard.sessionId) !== undefined;
      default:
        return assertNever(guard);
    }
  }

  /** Whether it changed anything: deleting what is not there does not. */
  #apply(write: StoreWrite, { revision, seq }: ChangeCursor): boolean {
    if (write.kind === 'delete') {
      if (this.#sql.delete.run(write.key).changes === 0) return false;
      this.#sql.log.run(revision, seq, write.key, null, null);
      return true;
    }
    const { key, value, sessionId = null } = write;
    this.#sql.put.run(key, value, revision, sessionId);
    this.#sql.log.run(revision, seq, key, value, sessionId);
    return true;
  }

  #change<T>(body: (revision: number) => { keep: boolean; value: T }): TransactionEnd<T> {
    return runTransaction({
      ...this.#on,
      body: (revision) => {
        const outcome = body(revision);
        if (outcome.keep) this.#trim(revision);
        return outcome;
      },
    });
  }

  #trim(revision: number): void {
    const { logRevisionsMax, logBytesMax, tokensMax } = this.#on;
    if (revision % Math.min(TRIM_STRIDE_MAX, Math.ceil(logRevisionsMax / 10)) !== 0) return;
    const oversizedThrough = countOf(this.#sql.oversizedThrough.get(logBytesMax), 'revision');
    const through = Math.max(0, revision - logRevisionsMax, oversizedThrough);
    if (this.#sql.trimChanges.run(through).changes > 0) this.#sql.noteTrimmed.run(through);
    this.#sql.trimTokens.run(tokensMax);
  }

  #read<T>(question: () => T): T {
    this.#on.file.checkRecent();
    try {
      return question();
    } catch (cause) {
      throw toStoreFailure(cause, 'read', this.#on.path);
    }
  }

  /** Several questions answered as of one instant. */
  #readTogether<T>(questions: () => T): T {
    return this.#read(() => {
      endTransaction(this.#on);
      this.#sql.begin.run();
      try {
        return questions();
      } finally {
        endTransaction(this.#on);
      }
    });
  }
}

/** A change of a session of unknown outcome is one that failed: its deadline and its beat speak for it (S3, S5). */
function known<T>(end: TransactionEnd<T>): T {
  if (end.kind !== 'unknown') return end.value;
  if (end.cause instanceof OneupError) throw end.cause;
  throw new OneupError('ONEUP_STORE_LOST', 'Cannot write store: the commit failed', { cause: end.cause });
}
