// Opens the store of one cluster in a MySQL or MariaDB database: tables that bear its name, one server or synchronous
// replication behind them (S4). These servers push no hints, so the store is polled often.
import type { Store } from '../../ports/store.ts';
import type { RemoteBackend } from '../remote-backend.ts';
import { RemoteStore } from '../remote-store.ts';
import { openSqlBackend } from '../sql/open-sql-backend.ts';
import { CALL_TIMEOUT_MS, type SqlBackendOptions, type SqlStoreOptions } from '../sql/sql-store-options.ts';
import { createMysqlDialect, createTexts } from './mysql-dialect.ts';
import { connectMysql } from './mysql-link.ts';

/** One small question each time; a change is seen within a twentieth of a second. */
const POLL_MS = 50;

/**
 * Throws OneupError: NOT_INITIALISED without the tables, NEWER, DENIED, CORRUPT, or UNREACHABLE when no endpoint takes
 * writes. Safe to repeat. Dispose the store to close its connections.
 */
export async function openMysqlStore(options: SqlStoreOptions): Promise<Store> {
  const { clock, bounds, callTimeoutMs = CALL_TIMEOUT_MS } = options;
  return new RemoteStore(await openMysqlBackend(options), { clock, bounds, callTimeoutMs });
}

/** What `openMysqlStore` wraps. */
export async function openMysqlBackend(options: SqlBackendOptions): Promise<RemoteBackend> {
  return openSqlBackend(
    {
      kind: 'mysql',
      sql: createMysqlDialect(options.cluster),
      pollMs: POLL_MS,
      createTexts: createTexts(options.cluster),
      connect: (endpoint, limits) => connectMysql(endpoint, { ...limits, login: options }),
      hints: () => null,
    },
    options,
  );
}
