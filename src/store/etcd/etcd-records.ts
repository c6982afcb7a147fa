// How oneup's records lie in etcd. Below the namespace: `k/` the entries, `s/` the sessions, `t/` the tokens of commits. The
// version of an entry is its mod_revision and the beat of a session that of its key, so neither ever repeats (S5).
import { OneupError } from '../../base/oneup-error.ts';
import type { StoreEntry } from '../../ports/store.ts';
import type { SessionRow } from '../store-backend.ts';

/** A key and its value as the gateway writes them: base64, and 64-bit numbers as text. */
export type EtcdPair = {
  readonly key: string;
  readonly value: string;
  readonly createRevision: number;
  readonly modRevision: number;
};

/** Between the session of an entry and its value: no session id contains it. */
const SESSION_END = '\n';

export class EtcdRecords {
  readonly #namespace: string;
  readonly #root: string;

  /** `namespace` ends with a slash. Keys begin with `root`, which is left out of their names in etcd. */
  constructor({ namespace, root }: { readonly namespace: string; readonly root: string }) {
    this.#namespace = namespace;
    this.#root = root;
  }

  get all(): string {
    return this.#namespace;
  }

  /** Written by every transaction; between the entries and the sessions, so that one watch covers all three. */
  get head(): string {
    return `${this.#namespace}r`;
  }

  get sessions(): string {
    return `${this.#namespace}s/`;
  }

  session(id: string): string {
    return `${this.#namespace}s/${id}`;
  }

  token(token: string): string {
    return `${this.#namespace}t/${token}`;
  }

  entry(key: string): string {
    if (!key.startsWith(this.#root))
      throw new RangeError(`Cannot use key: it lies outside ${this.#root}, value was ${key}`);
    return `${this.#namespace}k/${key.slice(this.#root.length)}`;
  }

  /** What all keys with the prefix begin with in etcd; null when none can have it. */
  entries(prefix: string): string | null {
    if (prefix.startsWith(this.#root)) return `${this.#namespace}k/${prefix.slice(this.#root.length)}`;
    return this.#root.startsWith(prefix) ? `${this.#namespace}k/` : null;
  }

  /** oneup's key of an entry, or null for what is none. */
  keyOf(name: string): string | null {
    const start = `${this.#namespace}k/`;
    return name.startsWith(start) ? this.#root + name.slice(start.length) : null;
  }

  sessionOf(name: string): string | null {
    const start = this.sessions;
    return name.startsWith(start) ? name.slice(start.length) : null;
  }

  readEntry({ key: name, value, modRevision }: EtcdPair): StoreEntry {
    const at = value.indexOf(SESSION_END);
    const key = this.keyOf(name);
    if (key === null || at < 0) throw corrupt(name);
    const sessionId = at === 0 ? null : value.slice(0, at);
    return { key, value: value.slice(at + 1), version: modRevision, sessionId };
  }

  readSession({ key: name, value, createRevision, modRevision }: EtcdPair): SessionRow {
    const id = this.sessionOf(name);
    const ttlMs = Number(value);
    if (id === null || !Number.isSafeInteger(ttlMs) || ttlMs <= 0) throw corrupt(name);
    return { id, incarnation: createRevision, beat: modRevision, ttlMs };
  }
}

export function entryValue(value: string, sessionId: string | undefined): string {
  return `${sessionId ?? ''}${SESSION_END}${value}`;
}

export function toBase64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

/** The end of the range of keys that begin with the prefix (etcd documentation, "Range"). */
export function rangeEnd(prefix: string): string {
  const bytes = Buffer.from(prefix, 'utf8');
  const last = bytes.length - 1;
  // Names are printable ASCII, so the last byte can always be raised.
  bytes[last] = (bytes[last] ?? 0) + 1;
  return bytes.toString('base64');
}

export function readPair(value: unknown): EtcdPair {
  const { key, value: text, create_revision, mod_revision } = asObject(value);
  return {
    key: fromBase64(key),
    value: fromBase64(text),
    createRevision: readCount(create_revision),
    modRevision: readCount(mod_revision),
  };
}

/** The gateway leaves out what is zero or empty. */
export function readCount(value: unknown): number {
  const count = value === undefined ? 0 : Number(value);
  if (!Number.isSafeInteger(count) || count < 0) throw strange(`a number was expected, value was ${String(value)}`);
  return count;
}

export function readList(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw strange('a list was expected');
  return value;
}

export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw strange('an object was expected');
  return value as Readonly<Record<string, unknown>>;
}

/** Revision at which the answer was true. */
export function readRevision(answer: unknown): number {
  return readCount(asObject(asObject(answer).header).revision);
}

function fromBase64(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') throw strange('base64 was expected');
  return Buffer.from(value, 'base64').toString('utf8');
}

function strange(what: string): OneupError {
  return new OneupError('ONEUP_STORE_UNREACHABLE', `Cannot understand etcd: ${what}`, {
    remedy: 'Check that cluster.store names the client endpoints of etcd 3.4 or later',
  });
}

function corrupt(name: string): OneupError {
  return new OneupError(
    'ONEUP_STORE_CORRUPT',
    `Cannot read etcd: the record was not written by oneup, value was ${name}`,
  );
}
