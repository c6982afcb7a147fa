// The SQLite engine as a world for the conformance suite: one file on disk, one connection per client.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { createFakeTimeWorld, overrunLog } from './fake-time-world.ts';
import { type StoreWorld, WORLD_BOUNDS } from './store-world.ts';

/** Short, so that a test can overrun it; longer than any single test writes. */
const LOG_REVISIONS_MAX = 400;

export async function makeSqliteWorld(): Promise<StoreWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'oneup-store-'));
  const path = join(directory, 'oneup.db');
  return createFakeTimeWorld({
    open: (clock) =>
      openSqliteStore({ path, create: true, clock, bounds: WORLD_BOUNDS, logRevisionsMax: LOG_REVISIONS_MAX }),
    forgetHistory: (store) => overrunLog(store, LOG_REVISIONS_MAX),
    dispose: async () => rmSync(directory, { recursive: true, force: true }),
  });
}
