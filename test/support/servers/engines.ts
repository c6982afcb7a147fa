// One real server of each kind of store, started alike, for what must look the same on all of them.
import { startEtcd } from './etcd-server.ts';
import {
  MARIADB_DATABASE,
  MARIADB_PASSWORD,
  MARIADB_USER,
  type MariadbServer,
  startMariadbServer,
} from './mariadb-server.ts';
import {
  POSTGRES_DATABASE,
  POSTGRES_PASSWORD,
  POSTGRES_USER,
  type PostgresServer,
  startPostgresServer,
} from './postgres-server.ts';
import { startZookeeper } from './zookeeper-server.ts';

export const ENGINE_KINDS = ['etcd', 'zookeeper', 'postgres', 'mysql'] as const;
export type EngineKind = (typeof ENGINE_KINDS)[number];

export type Engine = AsyncDisposable & {
  readonly kind: EngineKind;
  /** What stands behind `cluster.store:` to use it. */
  readonly written: string;
  /** For people. */
  readonly words: string;
  /** All its processes stand still, with every connection open, or go on. */
  readonly setStopped: (stopped: boolean) => void;
};

/** `callTimeout` is written into the configuration. */
export async function startEngine(kind: EngineKind, callTimeout = '1s'): Promise<Engine> {
  switch (kind) {
    case 'etcd': {
      const servers = await startEtcd({ members: 3 });
      return {
        kind,
        written: `{ kind: etcd, endpoints: ${JSON.stringify(servers.endpoints)}, callTimeout: ${callTimeout} }`,
        words: 'etcd with three members',
        setStopped: (stopped) => {
          for (const member of servers.members) member.setStopped(stopped);
        },
        [Symbol.asyncDispose]: () => servers[Symbol.asyncDispose](),
      };
    }
    case 'zookeeper': {
      const { servers, [Symbol.asyncDispose]: dispose } = await startZookeeper();
      const endpoints = servers.map(({ host, port }) => `${host}:${port}`);
      return {
        kind,
        written: `{ kind: zookeeper, endpoints: ${JSON.stringify(endpoints)}, callTimeout: ${callTimeout} }`,
        words: 'ZooKeeper',
        setStopped: (stopped) => {
          for (const server of servers) server.process.setStopped(stopped);
        },
        [Symbol.asyncDispose]: dispose,
      };
    }
    case 'postgres': {
      const login = { username: POSTGRES_USER, password: POSTGRES_PASSWORD, database: POSTGRES_DATABASE };
      return sqlEngine(kind, 'PostgreSQL', await startPostgresServer(), { ...login, callTimeout });
    }
    case 'mysql': {
      const login = { username: MARIADB_USER, password: MARIADB_PASSWORD, database: MARIADB_DATABASE };
      return sqlEngine(kind, 'MariaDB', await startMariadbServer(), { ...login, callTimeout });
    }
  }
}

type SqlPlace = {
  readonly username: string;
  readonly password: string;
  readonly database: string;
  readonly callTimeout: string;
};

function sqlEngine(kind: EngineKind, words: string, server: PostgresServer | MariadbServer, place: SqlPlace): Engine {
  const { username, password, database, callTimeout } = place;
  const login = `username: ${username}, password: ${password}, database: ${database}`;
  return {
    kind,
    written: `{ kind: ${kind}, endpoints: ["127.0.0.1:${server.port}"], ${login}, callTimeout: ${callTimeout} }`,
    words,
    setStopped: server.setStopped,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
