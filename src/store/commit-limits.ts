// What a store accepts, the same for every engine, so that a record written to one can be carried to another.
// A request beyond the limits is a mistake of the caller: RangeError, before anything is sent.
import { assertNever } from '../base/assert-never.ts';
import type { CommitRequest, Guard, SessionOptions, StoreWrite } from '../ports/store.ts';

/** Names of five levels with the longest domain name (255 octets) fit twice. */
const KEY_BYTES_MAX = 512;
/** The largest record is a whole configuration; etcd's own default limit for a request is 1.5 MiB. */
const VALUE_BYTES_MAX = 1024 * 1024;
/** A reload guards the operation of every service; `init` and `recover` of a larger cluster write in parts. */
const ITEMS_MAX = 4_096;
/** What one commit may hold in memory and in the write-ahead log. */
const COMMIT_BYTES_MAX = 16 * 1024 * 1024;
const TOKEN_LENGTH_MAX = 128;
/** Shorter sessions are lost to one slow disk flush. */
const TTL_MIN_MS = 50;
/** A session longer than a day would hold its keys for a day after a crash. */
const TTL_MAX_MS = 86_400_000;
/** Keys, tokens and ids are printable ASCII: every engine then sorts them alike. */
const PRINTABLE = /^[\x20-\x7e]+$/;

/** Throws RangeError naming what is wrong with `request`. */
export function checkCommitRequest(request: CommitRequest): void {
  checkName('token', request.token, TOKEN_LENGTH_MAX);
  if (request.guards.length > ITEMS_MAX || request.writes.length > ITEMS_MAX) {
    refuse(`at most ${ITEMS_MAX} guards and writes`, Math.max(request.guards.length, request.writes.length));
  }
  for (const guard of request.guards) checkGuard(guard);
  const keys = new Set<string>();
  let bytes = 0;
  for (const write of request.writes) {
    if (keys.has(write.key)) refuse('each key at most once', write.key);
    keys.add(write.key);
    bytes += checkWrite(write);
  }
  if (bytes > COMMIT_BYTES_MAX) refuse(`at most ${COMMIT_BYTES_MAX} bytes in one commit`, bytes);
}

/** Throws RangeError for an id or a ttl that no engine could hold. */
export function checkSessionOptions({ id, ttlMs }: SessionOptions): void {
  checkName('session id', id, KEY_BYTES_MAX);
  if (!(Number.isInteger(ttlMs) && ttlMs >= TTL_MIN_MS && ttlMs <= TTL_MAX_MS)) {
    refuse(`a session ttl of ${TTL_MIN_MS} to ${TTL_MAX_MS} ms`, ttlMs);
  }
}

export function checkKey(key: string): void {
  checkName('key', key, KEY_BYTES_MAX);
}

/** A prefix may be empty: then it is a prefix of every key. */
export function checkPrefix(prefix: string): void {
  if (prefix !== '') checkName('prefix', prefix, KEY_BYTES_MAX);
}

function checkGuard(guard: Guard): void {
  switch (guard.kind) {
    case 'absent':
    case 'version':
      return checkKey(guard.key);
    case 'sessionAlive':
      return checkName('session id', guard.sessionId, KEY_BYTES_MAX);
    default:
      assertNever(guard);
  }
}

/** Bytes that the write brings. */
function checkWrite(write: StoreWrite): number {
  checkKey(write.key);
  if (write.kind === 'delete') return 0;
  if (write.sessionId !== undefined) checkName('session id', write.sessionId, KEY_BYTES_MAX);
  if (!write.value.isWellFormed()) refuse('a value of whole characters', `key ${write.key}`);
  const bytes = Buffer.byteLength(write.value);
  if (bytes > VALUE_BYTES_MAX) refuse(`a value of at most ${VALUE_BYTES_MAX} bytes`, `${bytes} bytes in ${write.key}`);
  return bytes;
}

function checkName(what: string, name: string, lengthMax: number): void {
  if (name.length > lengthMax || !PRINTABLE.test(name)) {
    refuse(`a ${what} of 1 to ${lengthMax} printable ASCII characters`, JSON.stringify(name.slice(0, lengthMax)));
  }
}

function refuse(expected: string, value: string | number): never {
  throw new RangeError(`Cannot use store: expected ${expected}, value was ${value}`);
}
