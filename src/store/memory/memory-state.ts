// Entries, sessions, tokens and the change log of one memory world. Every change takes the next revision (S5); a commit
// evaluates all guards before it writes anything.
import { assertNever } from '../../base/assert-never.ts';
import type { CommitRequest, CommitResult, Guard, StoreEntry, StoreWrite } from '../../ports/store.ts';
import {
  CHANGES_PER_PAGE,
  type Change,
  type ChangeCursor,
  type ChangePage,
  SEQ_END,
  type SessionName,
  type SessionRow,
  type StoreBackend,
} from '../store-backend.ts';

/** As many commits can be settled later as the SQLite engine keeps by default. */
const TOKENS_MAX = 10_000;

type Logged = { readonly change: Change; readonly seq: number };

export class MemoryState implements StoreBackend {
  readonly kind = 'memory';
  readonly #logRevisionsMax: number;
  readonly #entries = new Map<string, StoreEntry>();
  readonly #sessions = new Map<string, SessionRow>();
  readonly #tokens = new Set<string>();
  #log: Logged[] = [];
  #revision = 0;
  #trimmedThrough = 0;

  constructor(logRevisionsMax: number) {
    this.#logRevisionsMax = logRevisionsMax;
  }

  revision(): number {
    return this.#revision;
  }

  get(key: string): StoreEntry | null {
    return this.#entries.get(key) ?? null;
  }

  list(prefix: string): ReturnType<StoreBackend['list']> {
    const entries = [...this.#entries.values()].filter(({ key }) => key.startsWith(prefix));
    return { entries: entries.sort((a, b) => (a.key < b.key ? -1 : 1)), revision: this.#revision };
  }

  commit({ guards, writes, token }: CommitRequest): CommitResult {
    if (this.#tokens.has(token)) throw new RangeError(`Cannot commit: a token is used once, value was ${token}`);
    const failed = [...guards, ...impliedGuards(writes)].find((guard) => !this.#holds(guard));
    if (failed !== undefined) return { kind: 'conflict', guard: failed };
    const revision = this.#raise();
    const changes = writes.flatMap((write) => this.#apply(write, revision));
    this.#append(changes);
    this.#keepToken(token);
    return { kind: 'committed', revision };
  }

  outcomeOf(token: string): 'committed' | 'absent' {
    return this.#tokens.has(token) ? 'committed' : 'absent';
  }

  changesAfter(prefix: string, cursor: ChangeCursor): ChangePage {
    const end = { revision: this.#revision, seq: SEQ_END };
    if (cursor.revision < this.#trimmedThrough || cursor.revision > this.#revision || cursor.revision < 0) {
      return { kind: 'trimmed', next: end };
    }
    const wanted = this.#log.filter(
      ({ change, seq }) => isAfter(change, seq, cursor) && keyOf(change).startsWith(prefix),
    );
    const page = wanted.slice(0, CHANGES_PER_PAGE);
    const last = page.at(-1);
    const isPartial = last !== undefined && page.length < wanted.length;
    const next = isPartial ? { revision: last.change.revision, seq: last.seq } : end;
    return { kind: 'changes', changes: page.map(({ change }) => change), next };
  }

  sessions(): readonly SessionRow[] {
    return [...this.#sessions.values()];
  }

  insertSession({ id, ttlMs }: { readonly id: string; readonly ttlMs: number }): SessionRow | null {
    if (this.#sessions.has(id)) return null;
    const row = { id, incarnation: this.#raise(), beat: 0, ttlMs };
    this.#sessions.set(id, row);
    return row;
  }

  renewSession(name: SessionName): boolean {
    const row = this.#find(name);
    if (row === null) return false;
    this.#raise();
    this.#sessions.set(row.id, { ...row, beat: row.beat + 1 });
    return true;
  }

  removeSession(name: SessionName, beat: number | null): boolean {
    const row = this.#find(name);
    if (row === null || (beat !== null && row.beat !== beat)) return false;
    const revision = this.#raise();
    this.#sessions.delete(row.id);
    const keys = [...this.#entries.values()].filter(({ sessionId }) => sessionId === row.id).map(({ key }) => key);
    this.#append(keys.sort().flatMap((key) => this.#apply({ kind: 'delete', key }, revision)));
    return true;
  }

  close(): void {}

  #find({ id, incarnation }: SessionName): SessionRow | null {
    const row = this.#sessions.get(id);
    return row?.incarnation === incarnation ? row : null;
  }

  #holds(guard: Guard): boolean {
    switch (guard.kind) {
      case 'absent':
        return !this.#entries.has(guard.key);
      case 'version':
        return this.#entries.get(guard.key)?.version === guard.version;
      case 'sessionAlive':
        return this.#sessions.has(guard.sessionId);
      default:
        return assertNever(guard);
    }
  }

  /** The change that the write made; deleting what is not there makes none. */
  #apply(write: StoreWrite, revision: number): readonly Change[] {
    if (write.kind === 'delete') {
      return this.#entries.delete(write.key) ? [{ kind: 'delete', key: write.key, revision }] : [];
    }
    const { key, value, sessionId = null } = write;
    const entry = Object.freeze({ key, value, version: revision, sessionId });
    this.#entries.set(key, entry);
    return [{ kind: 'put', entry, revision }];
  }

  #append(changes: readonly Change[]): void {
    this.#log.push(...changes.map((change, seq) => ({ change, seq })));
  }

  #raise(): number {
    this.#revision++;
    const through = this.#revision - this.#logRevisionsMax;
    const oldest = this.#log[0]?.change.revision ?? Number.POSITIVE_INFINITY;
    // Trimming in strides keeps the cost of one change constant.
    if (oldest <= through - this.#logRevisionsMax / 10) {
      this.#log = this.#log.filter(({ change }) => change.revision > through);
      this.#trimmedThrough = through;
    }
    return this.#revision;
  }

  #keepToken(token: string): void {
    this.#tokens.add(token);
    if (this.#tokens.size <= TOKENS_MAX) return;
    for (const oldest of this.#tokens) {
      this.#tokens.delete(oldest);
      return;
    }
  }
}

/** A key bound to a session may be put only while the session is alive (S5). */
function impliedGuards(writes: readonly StoreWrite[]): readonly Guard[] {
  return writes.flatMap((write) =>
    write.kind === 'put' && write.sessionId !== undefined ? [{ kind: 'sessionAlive', sessionId: write.sessionId }] : [],
  );
}

function keyOf(change: Change): string {
  return change.kind === 'put' ? change.entry.key : change.key;
}

function isAfter(change: Change, seq: number, cursor: ChangeCursor): boolean {
  return change.revision > cursor.revision || (change.revision === cursor.revision && seq > cursor.seq);
}
