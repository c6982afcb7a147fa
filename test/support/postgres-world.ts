// The PostgreSQL engine as worlds for the conformance suite.
import { escapeIdentifier } from 'pg';
import { openPostgresBackend } from '../../src/store/postgres/open-postgres-store.ts';
import {
  POSTGRES_DATABASE,
  POSTGRES_PASSWORD,
  POSTGRES_USER,
  type PostgresServer,
  startPostgresServer,
} from './servers/postgres-server.ts';
import { makeSqlWorld } from './sql-world.ts';
import type { StoreWorld } from './store-world.ts';

export type PostgresWorlds = AsyncDisposable & { readonly makeWorld: () => Promise<StoreWorld> };

export async function startPostgresWorlds(): Promise<PostgresWorlds> {
  const server = await startPostgresServer();
  return {
    makeWorld: async () =>
      makeSqlWorld({
        access: postgresAccess(server),
        open: openPostgresBackend,
        removeCluster: (cluster) => server.run(`DROP SCHEMA ${escapeIdentifier(`oneup_${cluster}`)} CASCADE`),
      }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

export function postgresAccess({ port }: Pick<PostgresServer, 'port'>) {
  return {
    endpoints: [{ host: '127.0.0.1', port }],
    database: POSTGRES_DATABASE,
    username: POSTGRES_USER,
    password: POSTGRES_PASSWORD,
    tls: null,
  };
}
