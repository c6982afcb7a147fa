// The store on a database server: what each question and each change is in texts and rows, and what an answer, a failure or
// silence means. It remembers nothing but its connections; sessions, watches and health are handled above it.
import { OneupError } from '../../base/oneup-error.ts';
import type { CommitRequest, CommitResult, StoreEntry } from '../../ports/store.ts';
import type { RemoteBackend, RemoteList, RemoteLook } from '../remote-backend.ts';
import {
  CHANGES_PER_PAGE,
  type ChangeCursor,
  type ChangePage,
  SEQ_END,
  type SessionName,
  type SessionRow,
} from '../store-backend.ts';
import {
  allGuards,
  COUNTER_IS_DAMAGED,
  commitText,
  insertSessionText,
  NONE_FAILED,
  removeSessionText,
  renewSessionText,
  TOKEN_IS_USED,
} from './change-text.ts';
import { ChangeTrimmer } from './change-trimmer.ts';
import { LinkLane } from './link-lane.ts';
import {
  changesText,
  ENTRIES_PER_PAGE,
  firstPageText,
  getText,
  lookText,
  nextPageText,
  outcomeText,
} from './read-text.ts';
import { countOf, integerOf, onlyRow, readChange, readEntry, readSession } from './rows.ts';
import type { SqlDialect } from './sql-dialect.ts';
import { SqlFailure } from './sql-failure.ts';
import type { Row, SqlLink } from './sql-link.ts';

/** More than this in one list would hold up every other duty; as in the SQLite engine. */
const LIST_MAX = 50_000;
/** A change that lost to another by the server's own choice is tried again this often. */
const ATTEMPTS_MAX = 3;

export type SqlBackendParts = {
  readonly kind: string;
  readonly sql: SqlDialect;
  readonly pollMs: number;
  readonly logRevisionsMax: number;
  readonly tokensMax: number;
  readonly connect: (signal: AbortSignal) => Promise<SqlLink>;
  readonly inUse: () => string | null;
  /** Hints of the engine, if it has them. */
  readonly hints: { readonly start: (wake: () => void) => void; readonly close: () => void } | null;
};

/** `failure` as in change-text.ts; the transaction is over, for good or for nothing. */
type ChangeEnd =
  | { readonly kind: 'answered'; readonly revision: number; readonly failure: number }
  | { readonly kind: 'unknown'; readonly cause: OneupError };

export class SqlBackend implements RemoteBackend {
  readonly kind: string;
  readonly pollMs: number;
  readonly #on: SqlBackendParts;
  readonly #sql: SqlDialect;
  /** A lane each, so that neither a long list nor a lock that somebody holds keeps a renewal or a look waiting. */
  readonly #changes: LinkLane;
  readonly #questions: LinkLane;
  readonly #lists: LinkLane;
  readonly #trimmer: ChangeTrimmer;

  constructor(parts: SqlBackendParts) {
    this.kind = parts.kind;
    this.pollMs = parts.pollMs;
    this.#on = parts;
    this.#sql = parts.sql;
    this.#changes = new LinkLane(parts.connect);
    this.#questions = new LinkLane(parts.connect);
    this.#lists = new LinkLane(parts.connect);
    this.#trimmer = new ChangeTrimmer(parts);
  }

  async look(signal: AbortSignal): Promise<RemoteLook> {
    const rows = await this.#ask(lookText(this.#sql), signal);
    const revision = countOf(onlyRow(rows), 'revision');
    return { revision, sessions: rows.filter(({ id }) => id !== null).map(readSession) };
  }

  async get(key: string, signal: AbortSignal): Promise<StoreEntry | null> {
    const [row] = await this.#ask(getText(this.#sql, key), signal);
    return row === undefined ? null : readEntry(row, this.#sql.decodeContent);
  }

  async list(prefix: string, signal: AbortSignal): Promise<RemoteList> {
    return this.#read(this.#lists, signal, async (link) => {
      const [counter, firstPage = []] = await link.query(firstPageText(this.#sql, prefix));
      const revision = countOf(onlyRow(counter), 'revision');
      const entries: StoreEntry[] = [];
      for (let page = firstPage; ; ) {
        for (const row of page) entries.push(readEntry(row, this.#sql.decodeContent));
        const last = entries.at(-1);
        if (page.length < ENTRIES_PER_PAGE || last === undefined) break;
        if (entries.length > LIST_MAX) {
          throw new RangeError(`Cannot list: more than ${LIST_MAX} keys, value was ${JSON.stringify(prefix)}`);
        }
        [page = []] = await link.query(nextPageText(this.#sql, prefix, last.key));
      }
      await link.query('COMMIT');
      return { entries, revision };
    });
  }

  async commit(request: CommitRequest, signal: AbortSignal): Promise<CommitResult> {
    const end = await this.#change(commitText(this.#sql, request), signal);
    if (end.kind === 'unknown') return end;
    const { revision, failure } = end;
    if (failure === NONE_FAILED) return { kind: 'committed', revision };
    if (failure === TOKEN_IS_USED) {
      throw new RangeError(`Cannot commit: a token is used once, value was ${request.token}`);
    }
    const guard = allGuards(request)[failure - 1];
    if (guard !== undefined) return { kind: 'conflict', guard };
    throw new OneupError('ONEUP_STORE_CORRUPT', `Cannot write store: no guard has the number ${failure}`);
  }

  async outcomeOf(token: string, signal: AbortSignal): Promise<'committed' | 'absent'> {
    const rows = await this.#ask(outcomeText(this.#sql, token), signal);
    return rows.length === 0 ? 'absent' : 'committed';
  }

  async changesAfter(prefix: string, cursor: ChangeCursor, signal: AbortSignal): Promise<ChangePage> {
    const rows = await this.#ask(changesText(this.#sql, prefix, cursor), signal);
    const counter = onlyRow(rows);
    const end = { revision: countOf(counter, 'head'), seq: SEQ_END };
    if (cursor.revision < countOf(counter, 'trimmed') || cursor.revision > end.revision || cursor.revision < 0) {
      return { kind: 'trimmed', next: end };
    }
    const logged = rows.filter(({ name }) => name !== null).map((row) => readChange(row, this.#sql.decodeContent));
    const last = logged.at(-1);
    const isPartial = last !== undefined && logged.length === CHANGES_PER_PAGE;
    const next = isPartial ? { revision: last.change.revision, seq: last.seq } : end;
    return { kind: 'changes', changes: logged.map(({ change }) => change), next };
  }

  async insertSession(
    session: { readonly id: string; readonly ttlMs: number },
    signal: AbortSignal,
  ): Promise<SessionRow | null> {
    const end = known(await this.#change(insertSessionText(this.#sql, session), signal));
    if (end.failure !== NONE_FAILED) return null;
    return { id: session.id, incarnation: end.revision, beat: 0, ttlMs: session.ttlMs };
  }

  async renewSession(session: SessionName, signal: AbortSignal): Promise<boolean> {
    return known(await this.#change(renewSessionText(this.#sql, session), signal)).failure === NONE_FAILED;
  }

  async removeSession(session: SessionName, beat: number | null, signal: AbortSignal): Promise<boolean> {
    return known(await this.#change(removeSessionText(this.#sql, session, beat), signal)).failure === NONE_FAILED;
  }

  onHint(wake: () => void): void {
    this.#on.hints?.start(wake);
  }

  inUse(): string | null {
    return this.#on.inUse();
  }

  close(): void {
    this.#on.hints?.close();
    for (const lane of [this.#changes, this.#questions, this.#lists]) lane.close();
  }

  /** Throws when nothing was written; says `unknown` when the text was handed to the connection and no answer settles it. */
  async #change(text: string, signal: AbortSignal): Promise<ChangeEnd> {
    for (let attempt = 1; ; attempt++) {
      let isSent = false;
      let end: ChangeEnd | null = null;
      try {
        return await this.#changes.run(signal, async (link) => {
          isSent = true;
          const answer = readEnd((await link.query(text)).at(-1));
          end = answer;
          if (answer.failure === NONE_FAILED) await this.#trimmer.trimAfter(answer.revision, link);
          return answer;
        });
      } catch (error) {
        // Given up while it trimmed: the change before that was answered.
        if (end !== null) return end;
        const proof = error instanceof SqlFailure ? error.proof : 'none';
        if (proof === 'again' && attempt < ATTEMPTS_MAX) continue;
        const fault = faultOf(error, this.kind);
        if (!isSent || proof !== 'none') throw fault;
        return { kind: 'unknown', cause: fault };
      }
    }
  }

  /** Rows of one statement. */
  async #ask(text: string, signal: AbortSignal): Promise<readonly Row[]> {
    const [rows = []] = await this.#read(this.#questions, signal, (link) => link.query(text));
    return rows;
  }

  async #read<T>(lane: LinkLane, signal: AbortSignal, work: (link: SqlLink) => Promise<T>): Promise<T> {
    try {
      return await lane.run(signal, work);
    } catch (error) {
      if (error instanceof RangeError) throw error;
      throw faultOf(error, this.kind);
    }
  }
}

function readEnd(rows: readonly Row[] | undefined): ChangeEnd & { readonly kind: 'answered' } {
  // Every write of a change takes its revision from the counter row: without it there was none.
  if (rows?.length === 0) throw undone('its counter row is missing');
  const row = onlyRow(rows);
  const failure = integerOf(row, 'failure');
  if (failure === COUNTER_IS_DAMAGED) {
    throw undone(`its counter is out of range, value was ${String(row.revision).slice(0, 64)}`);
  }
  return { kind: 'answered', revision: countOf(row, 'revision'), failure };
}

function undone(reason: string): SqlFailure {
  return new SqlFailure(new OneupError('ONEUP_STORE_CORRUPT', `Cannot write store: ${reason}`), 'undone');
}

/** What came up as an error of the contract: a fault of the engine, or the reason for which the caller gave up. */
function faultOf(error: unknown, kind: string): OneupError {
  if (error instanceof SqlFailure) return error.fault;
  if (error instanceof OneupError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new OneupError('ONEUP_STORE_UNREACHABLE', `Cannot reach the ${kind} store: the call was given up, ${reason}`, {
    cause: error,
  });
}

/** A change of a session of unknown outcome is one that failed: its deadline and its beat speak for it (S3, S5). */
function known(end: ChangeEnd): ChangeEnd & { readonly kind: 'answered' } {
  if (end.kind === 'unknown') throw end.cause;
  return end;
}
