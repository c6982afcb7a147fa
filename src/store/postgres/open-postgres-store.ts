// Opens the store of one cluster in a PostgreSQL database: a schema of its own, hints by LISTEN, one server or synchronous
// replication behind it (S4).
import { escapeIdentifier } from 'pg';
import type { Store } from '../../ports/store.ts';
import type { RemoteBackend } from '../remote-backend.ts';
import { RemoteStore } from '../remote-store.ts';
import { openSqlBackend } from '../sql/open-sql-backend.ts';
import { CALL_TIMEOUT_MS, type SqlBackendOptions, type SqlStoreOptions } from '../sql/sql-store-options.ts';
import { createPostgresDialect, createText, schemaName } from './postgres-dialect.ts';
import { connectPostgres } from './postgres-link.ts';
import { PostgresListener } from './postgres-listener.ts';

/** Hints make it prompt; the poll only catches what they miss. */
const POLL_MS = 500;

/**
 * Throws OneupError: NOT_INITIALISED without the schema, NEWER, DENIED, CORRUPT, or UNREACHABLE when no endpoint takes
 * writes. Safe to repeat. Dispose the store to close its connections.
 */
export async function openPostgresStore(options: SqlStoreOptions): Promise<Store> {
  const { clock, bounds, callTimeoutMs = CALL_TIMEOUT_MS } = options;
  return new RemoteStore(await openPostgresBackend(options), { clock, bounds, callTimeoutMs });
}

/** What `openPostgresStore` wraps. */
export async function openPostgresBackend(options: SqlBackendOptions): Promise<RemoteBackend> {
  const { cluster, clock } = options;
  return openSqlBackend(
    {
      kind: 'postgres',
      sql: createPostgresDialect(cluster),
      pollMs: POLL_MS,
      createTexts: [createText(cluster)],
      connect: (endpoint, limits) => connectPostgres(endpoint, { ...limits, login: options }),
      hints: (connect) => new PostgresListener({ channel: escapeIdentifier(schemaName(cluster)), clock, connect }),
    },
    options,
  );
}
