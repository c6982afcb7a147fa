// A real store of each kind as elections need it: reached through other ports than its own, killed and started again, and
// opened past the contract, so that a test can do to a session what only another prober does.
import type { Clock } from '../../src/base/clock.ts';
import { openEtcdBackend } from '../../src/store/etcd/open-etcd-store.ts';
import { openMysqlBackend } from '../../src/store/mysql/open-mysql-store.ts';
import { openPostgresBackend } from '../../src/store/postgres/open-postgres-store.ts';
import type { RemoteBackend } from '../../src/store/remote-backend.ts';
import { openZookeeperBackend } from '../../src/store/zookeeper/open-zookeeper-store.ts';
import { portOf, urlOf } from './etcd-options.ts';
import { mysqlAccess } from './mysql-world.ts';
import { postgresAccess } from './postgres-world.ts';
import type { EngineKind } from './servers/engines.ts';
import { type EtcdServers, startEtcd } from './servers/etcd-server.ts';
import { type MariadbServer, startMariadbServer } from './servers/mariadb-server.ts';
import { type PostgresServer, startPostgresServer } from './servers/postgres-server.ts';
import type { StartedServer } from './servers/started-server.ts';
import { startZookeeper } from './servers/zookeeper-server.ts';

export type Entry = {
  readonly cluster: string;
  /** Where the servers are reached, one for each of `ports` of the engine. */
  readonly ports: readonly number[];
  readonly clock: Clock;
  readonly callTimeoutMs: number;
  readonly create?: boolean;
};

export type ElectionEngine = AsyncDisposable & {
  readonly ports: readonly number[];
  readonly open: (entry: Entry) => Promise<RemoteBackend>;
  /** Every server of it stands still, with its connections open, or goes on. */
  readonly setStopped: (stopped: boolean) => void;
  /** `kill -9` for every server of it, and a start with the data that is there. */
  readonly killAndRestart: () => Promise<void>;
};

export async function startElectionEngine(kind: EngineKind): Promise<ElectionEngine> {
  switch (kind) {
    case 'etcd':
      return etcdElectionEngine(await startEtcd({ members: 3 }));
    case 'zookeeper': {
      const { servers, [Symbol.asyncDispose]: dispose } = await startZookeeper();
      return {
        ports: servers.map(({ port }) => port),
        open: ({ ports, ...entry }) =>
          openZookeeperBackend({ ...entry, ...NOBODY, endpoints: ports.map((port) => ({ host: '127.0.0.1', port })) }),
        ...restartable(servers.map(({ process }) => process)),
        [Symbol.asyncDispose]: dispose,
      };
    }
    case 'postgres': {
      const server = await startPostgresServer();
      const open = (entry: Entry) => openPostgresBackend({ ...entry, ...postgresAccess(onlyPort(entry)) });
      return sqlElectionEngine(server, open);
    }
    case 'mysql': {
      const server = await startMariadbServer();
      const open = (entry: Entry) => openMysqlBackend({ ...entry, ...mysqlAccess(onlyPort(entry)) });
      return sqlElectionEngine(server, open);
    }
  }
}

const NOBODY = { username: null, password: null, tls: null } as const;

export function etcdElectionEngine(servers: EtcdServers): ElectionEngine {
  return {
    ports: servers.endpoints.map(portOf),
    open: ({ ports, cluster, ...entry }) => {
      const root = `/oneup/${cluster}/`;
      return openEtcdBackend({
        ...NOBODY,
        ...entry,
        endpoints: ports.map(urlOf),
        namespace: root,
        root,
        bounds: { rho: 0.01, marginMs: 100 },
      });
    },
    ...restartable(servers.members),
    [Symbol.asyncDispose]: () => servers[Symbol.asyncDispose](),
  };
}

function restartable(servers: readonly StartedServer[]): Pick<ElectionEngine, 'setStopped' | 'killAndRestart'> {
  return {
    setStopped: (stopped) => {
      for (const server of servers) server.setStopped(stopped);
    },
    killAndRestart: async () => {
      await Promise.all(servers.map((server) => server.kill()));
      await Promise.all(servers.map((server) => server.start()));
    },
  };
}

function sqlElectionEngine(server: PostgresServer | MariadbServer, open: ElectionEngine['open']): ElectionEngine {
  const { port, setStopped, killAndRestart } = server;
  return {
    ports: [port],
    open,
    setStopped,
    killAndRestart,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function onlyPort({ ports: [port = 0] }: Entry): { readonly port: number } {
  return { port };
}
