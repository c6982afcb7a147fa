// Opens the connection to a store file and makes sure that it is one: present, permitted, whole, of this program and of
// this version. Opening never creates anything.
import { accessSync, constants } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { OneupError } from '../../base/oneup-error.ts';
import { APPLICATION_ID, SCHEMA_VERSION } from './schema.ts';
import { toStoreFailure } from './sqlite-failure.ts';

/** How long SQLite itself waits for a lock. It blocks the whole process, so the real wait is done by the caller in sleeps. */
const BUSY_TIMEOUT_MS = 2;

/**
 * Throws OneupError: UNREACHABLE when it cannot be opened, CORRUPT when it is no whole store, STORE_NEWER when a newer program wrote it, BUSY while another process recovers it (worth another attempt).
 */
export function openDatabase(path: string, { bytesMax }: { readonly bytesMax: number }): DatabaseSync {
  const url = pathToFileURL(path);
  url.searchParams.set('mode', 'rw');
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(url, { timeout: BUSY_TIMEOUT_MS, allowExtension: false, defensive: true });
    assertOwn(db, path);
    configure(db, bytesMax);
    proveWhole(db, path);
    return db;
  } catch (cause) {
    db?.close();
    throw toStoreFailure(cause, 'open', path);
  }
}

/** Reads every page, from the disk and not from memory. Throws ONEUP_STORE_CORRUPT when one is missing or damaged. */
export function proveWhole(db: DatabaseSync, path: string): void {
  db.exec('PRAGMA shrink_memory');
  const verdict = numberOrText(db, 'quick_check(1)');
  if (verdict !== 'ok') throw corrupt(path, `it is damaged or cut off, SQLite says "${verdict}"`);
}

/** Throws ONEUP_STORE_NOT_INITIALISED when there is no file, ONEUP_STORE_UNREACHABLE when it may not be used. */
export function assertPermitted(path: string): void {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    if (isMissing)
      throw new OneupError('ONEUP_STORE_NOT_INITIALISED', `Cannot open store: there is no file, value was ${path}`);
    throw new OneupError(
      'ONEUP_STORE_UNREACHABLE',
      `Cannot open store: it may not be read and written, value was ${path}`,
      {
        cause,
        remedy: 'Give the user that runs oneup the right to read and write the file and its directory',
      },
    );
  }
}

function assertOwn(db: DatabaseSync, path: string): void {
  const applicationId = numberOrText(db, 'application_id');
  if (applicationId !== APPLICATION_ID) throw corrupt(path, 'it is empty or a database of another program');
  const version = numberOrText(db, 'user_version');
  if (typeof version === 'number' && version > SCHEMA_VERSION) {
    throw new OneupError(
      'ONEUP_STORE_NEWER',
      `Cannot open store: its schema ${version} is newer than ${SCHEMA_VERSION}, value was ${path}`,
    );
  }
  if (version !== SCHEMA_VERSION) throw corrupt(path, `its schema version is ${version}`);
}

function configure(db: DatabaseSync, bytesMax: number): void {
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF');
  const pageBytes = Number(numberOrText(db, 'page_size'));
  db.exec(`PRAGMA max_page_count = ${Math.ceil(bytesMax / pageBytes)}`);
}

function numberOrText(db: DatabaseSync, pragma: string): number | string | null {
  const [value] = Object.values(db.prepare(`PRAGMA ${pragma}`).get() ?? {});
  return typeof value === 'number' || typeof value === 'string' ? value : null;
}

function corrupt(path: string, reason: string): OneupError {
  return new OneupError('ONEUP_STORE_CORRUPT', `Cannot open store: ${reason}, value was ${path}`);
}
