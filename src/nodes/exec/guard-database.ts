// The file behind the guard: opened once, written in serial transactions that are on disk before they count, and refused for
// good when it was deleted, replaced or damaged. A guard that silently began anew would accept steps it has refused before.
import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { OneupError } from '../../base/oneup-error.ts';

export type GuardDatabase = Disposable & {
  /** Random, written when the file was created: another one means that everything before it is forgotten (S4). */
  readonly identity: string;
  /** Runs `work` alone among all processes; commits when it returns and undoes everything when it throws. */
  readonly transaction: <T>(work: (db: DatabaseSync) => T) => T;
};

/** Transactions of the guard take milliseconds; who waits longer waits for a stopped process. */
const LOCK_WAIT_MS = 2_000;
const SCHEMA_VERSION = 2;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS node_state (
    cluster TEXT NOT NULL, service TEXT NOT NULL, node TEXT NOT NULL,
    generation INTEGER NOT NULL, epoch INTEGER NOT NULL, step INTEGER NOT NULL, part INTEGER NOT NULL,
    action TEXT NOT NULL,
    claim TEXT NOT NULL,
    owner TEXT NOT NULL,
    phase TEXT NOT NULL CHECK (phase IN ('claimed', 'starting', 'done', 'failed', 'killed')),
    result TEXT,
    instance TEXT NOT NULL CHECK (instance IN ('active', 'stopped', 'unknown')),
    boot_id TEXT NOT NULL,
    PRIMARY KEY (cluster, service, node)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS live_group (
    claim TEXT PRIMARY KEY,
    cluster TEXT NOT NULL, service TEXT NOT NULL, node TEXT NOT NULL,
    leader TEXT NOT NULL, owner TEXT NOT NULL,
    until_boot_ms INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS identity (id TEXT NOT NULL) STRICT;
`;

/** Opens or creates the file. Throws ONEUP_GUARD_LOST or ONEUP_GUARD_CORRUPT. */
export function openGuardDatabase(path: string): GuardDatabase {
  const db = explained(path, () => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return prepare(path);
  });
  const inode = statSync(path).ino;
  return {
    identity: explained(path, () => selectIdentity(db)),
    transaction: (work) =>
      explained(path, () => {
        if (statSync(path, { throwIfNoEntry: false })?.ino !== inode) {
          throw new OneupError('ONEUP_GUARD_LOST', `Cannot use ${path}: it was deleted or replaced while in use`);
        }
        refuseOverwritten(path);
        return inTransaction(db, work);
      }),
    [Symbol.dispose]: () => db.close(),
  };
}

/** Throws ONEUP_GUARD_CORRUPT when the file has none. */
export function selectIdentity(db: DatabaseSync): string {
  const id = db.prepare('SELECT id FROM identity').get()?.id;
  if (typeof id === 'string' && id !== '') return id;
  throw new OneupError('ONEUP_GUARD_CORRUPT', "Cannot use the guard's state: it has no identity");
}

/**
 * Reads without changing anything. Null when there is no file: nothing was ever done here, or all of it is forgotten, which
 * only somebody who remembers the identity can tell apart.
 */
export function readGuardDatabase<T>(path: string, read: (db: DatabaseSync) => T): T | null {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return null;
  return explained(path, () => {
    const db = new DatabaseSync(path, { readOnly: true, timeout: LOCK_WAIT_MS });
    try {
      refuseOtherSchema(db);
      return read(db);
    } finally {
      db.close();
    }
  });
}

function prepare(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: LOCK_WAIT_MS });
  try {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    inTransaction(db, () => {
      if (schemaVersion(db) === 0) create(db);
      refuseOtherSchema(db);
      refuseDamaged(db);
    });
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function create(db: DatabaseSync): void {
  db.exec(`${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION}`);
  db.prepare('INSERT INTO identity (id) VALUES (?)').run(randomUUID());
}

function inTransaction<T>(db: DatabaseSync, work: (db: DatabaseSync) => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const value = work(db);
    db.exec('COMMIT');
    return value;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function schemaVersion(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.user_version);
}

function refuseOtherSchema(db: DatabaseSync): void {
  const found = schemaVersion(db);
  if (found === SCHEMA_VERSION) return;
  throw new OneupError(
    'ONEUP_GUARD_CORRUPT',
    `Cannot use the guard's state: expected schema ${SCHEMA_VERSION}, value was ${found}`,
  );
}

function refuseDamaged(db: DatabaseSync): void {
  const found = db.prepare('PRAGMA quick_check(1)').get()?.quick_check;
  if (found !== 'ok') throw new OneupError('ONEUP_GUARD_CORRUPT', `Cannot use the guard's state: ${found}`);
}

/** An open connection answers from its page cache and would not notice that the file was overwritten in place. */
function refuseOverwritten(path: string): void {
  const header = Buffer.alloc(SQLITE_MAGIC.length);
  const fd = openSync(path, 'r');
  try {
    readSync(fd, header, 0, header.length, 0);
  } finally {
    closeSync(fd);
  }
  if (header.equals(SQLITE_MAGIC)) return;
  throw new OneupError('ONEUP_GUARD_CORRUPT', `Cannot use ${path}: it is not a database any more`);
}

/** First bytes of every database file (sqlite.org/fileformat, section 1.3). */
const SQLITE_MAGIC = Buffer.from('SQLite format 3\0', 'latin1');
/** SQLite result codes that say "this is not a sound database": SQLITE_CORRUPT and SQLITE_NOTADB. */
const CORRUPT_CODES: readonly number[] = [11, 26];

function explained<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof OneupError || !(cause instanceof Error)) throw cause;
    const isCorrupt = 'errcode' in cause && CORRUPT_CODES.includes(Number(cause.errcode) & 0xff);
    const code = isCorrupt ? 'ONEUP_GUARD_CORRUPT' : 'ONEUP_GUARD_LOST';
    throw new OneupError(code, `Cannot use ${path}: ${cause.message}`, { cause });
  }
}
