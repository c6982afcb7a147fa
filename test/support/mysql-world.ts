// The MySQL engine as worlds for the conformance suite.
import { openMysqlBackend } from '../../src/store/mysql/open-mysql-store.ts';
import {
  MARIADB_DATABASE,
  MARIADB_PASSWORD,
  MARIADB_USER,
  type MariadbServer,
  startMariadbServer,
} from './servers/mariadb-server.ts';
import { makeSqlWorld } from './sql-world.ts';
import type { StoreWorld } from './store-world.ts';

export type MysqlWorlds = AsyncDisposable & { readonly makeWorld: () => Promise<StoreWorld> };

export async function startMysqlWorlds(): Promise<MysqlWorlds> {
  const server = await startMariadbServer();
  return {
    makeWorld: async () =>
      makeSqlWorld({
        access: mysqlAccess(server),
        open: openMysqlBackend,
        removeCluster: (cluster) => server.run(`DROP TABLE ${tablesOf(cluster).join(', ')}`),
      }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

export function mysqlAccess({ port }: Pick<MariadbServer, 'port'>) {
  return {
    endpoints: [{ host: '127.0.0.1', port }],
    database: MARIADB_DATABASE,
    username: MARIADB_USER,
    password: MARIADB_PASSWORD,
    tls: null,
  };
}

function tablesOf(cluster: string): readonly string[] {
  return ['counter', 'entries', 'sessions', 'changes', 'tokens'].map((name) => `\`oneup_${cluster}_${name}\``);
}
