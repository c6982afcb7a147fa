// Creates a store file so that it exists whole or not at all: built under another name, then given its own (S4). Whoever
// finds a file at the path of a store, even after a crash in the middle of `init`, finds a complete one.
import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { OneupError } from '../../base/oneup-error.ts';
import { SCHEMA_SQL } from './schema.ts';

/** The store knows the state of every service; only its owner may read or write it. */
const FILE_MODE = 0o600;

/** Creates the store at `path`, and its directory. Does nothing when somebody else created it first. */
export function createDatabase(path: string): void {
  const unfinished = `${path}.new-${randomUUID()}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    closeSync(openSync(unfinished, 'wx', FILE_MODE));
    build(unfinished);
    giveName(unfinished, path);
  } catch (cause) {
    throw new OneupError('ONEUP_STORE_UNREACHABLE', `Cannot create store: ${reasonOf(cause)}, value was ${path}`, {
      cause,
    });
  } finally {
    for (const suffix of ['', '-wal', '-shm']) rmSync(unfinished + suffix, { force: true });
  }
}

function build(path: string): void {
  const db = new DatabaseSync(path);
  try {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    db.exec(`BEGIN EXCLUSIVE; ${SCHEMA_SQL} COMMIT`);
  } finally {
    // The last connection to close moves the log into the file, flushes it and removes the log.
    db.close();
  }
}

/** A link, unlike a rename, never replaces what is there. */
function giveName(unfinished: string, path: string): void {
  try {
    linkSync(unfinished, path);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return;
    throw cause;
  }
  const directory = openSync(dirname(path), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
