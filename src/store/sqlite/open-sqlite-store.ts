// Opens the store of one machine: a SQLite file that several processes share, with every commit on the disk before it is
// answered. It decides which file is meant (S4), and the bounds that a file without a server needs.
import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { ClockBounds } from '../../base/clock-bounds.ts';
import { OneupError } from '../../base/oneup-error.ts';
import type { Store } from '../../ports/store.ts';
import { EmbeddedStore } from '../embedded-store.ts';
import { retryWhileBusy } from '../retry-while-busy.ts';
import { createDatabase } from './create-database.ts';
import { FileWatcher, inodeOf } from './file-watcher.ts';
import { assertPermitted, openDatabase, proveWhole } from './open-database.ts';
import { SqliteBackend } from './sqlite-backend.ts';
import { toStoreFailure } from './sqlite-failure.ts';
import { prepareStatements } from './statements.ts';

/** A watch that slept through this many changes lists again; at ten changes a second that is a quarter of an hour. */
const LOG_REVISIONS_MAX = 10_000;
/** Large records (a whole configuration) must not multiply by the number of revisions kept. */
const LOG_BYTES_MAX = 64 * 1024 * 1024;
/** A commit of unknown outcome is settled within seconds (S6); this many commits take minutes. */
const TOKENS_MAX = 10_000;
/** Thousands of times what a large cluster holds; a runaway writer then stops before the disk of the machine is full. */
const BYTES_MAX = 1024 * 1024 * 1024;

export type SqliteStoreOptions = {
  /** Resolved to one absolute file without symbolic links (S4). */
  readonly path: string;
  /** Creates the file and its directory where there is none. Only `init` may (S4) [false]. */
  readonly create?: boolean;
  readonly clock: Clock;
  readonly bounds: ClockBounds;
  /** Milliseconds [10]. */
  readonly pollMs?: number;
  /** Milliseconds [1000]. */
  readonly lockWaitMs?: number;
  /** Revisions kept for watches [10000]. */
  readonly logRevisionsMax?: number;
  /** Commits whose outcome can be asked for later [10000]. */
  readonly tokensMax?: number;
  /** Size at which the file refuses to grow [1 GiB]. */
  readonly bytesMax?: number;
  readonly signal?: AbortSignal;
};

/**
 * Throws OneupError: NOT_INITIALISED without a file, UNREACHABLE without the right to it, CORRUPT, NEWER, or BUSY when it
 * stayed locked for `lockWaitMs`. Safe to repeat. Dispose the store to close the file.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const path = resolvePath(options.path);
  if (options.create === true && !exists(path)) createDatabase(path);
  const { lockWaitMs = 1_000, clock, signal = new AbortController().signal } = options;
  const backend = await retryWhileBusy(() => openBackend(path, options), { clock, lockWaitMs, signal });
  return new EmbeddedStore(backend, options);
}

function openBackend(path: string, options: SqliteStoreOptions): SqliteBackend {
  assertPermitted(path);
  const inode = inodeOf(path);
  const db = openDatabase(path, { bytesMax: options.bytesMax ?? BYTES_MAX });
  try {
    const file = new FileWatcher(path, { clock: options.clock, proveWhole: () => proveWhole(db, path) });
    file.assertIs(inode);
    return new SqliteBackend({
      db,
      statements: prepareStatements(db),
      file,
      path,
      logRevisionsMax: options.logRevisionsMax ?? LOG_REVISIONS_MAX,
      logBytesMax: LOG_BYTES_MAX,
      tokensMax: options.tokensMax ?? TOKENS_MAX,
    });
  } catch (cause) {
    db.close();
    throw toStoreFailure(cause, 'open', path);
  }
}

/** The file itself, or where it would be created. */
function resolvePath(given: string): string {
  const absolute = resolve(given);
  return realpathOf(absolute) ?? join(realpathOf(dirname(absolute)) ?? dirname(absolute), basename(absolute));
}

function exists(path: string): boolean {
  return realpathOf(path) !== null;
}

function realpathOf(path: string): string | null {
  try {
    return realpathSync(path);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw new OneupError(
      'ONEUP_STORE_UNREACHABLE',
      `Cannot open store: its path cannot be followed, value was ${path}`,
      {
        cause,
      },
    );
  }
}
