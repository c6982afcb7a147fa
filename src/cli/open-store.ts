// The one place that knows every engine: opens the store that a configuration names.
import { assertNever } from '../base/assert-never.ts';
import type { Config, RemoteStoreConfig, StoreConfig, StoreTlsConfig } from '../config/config.ts';
import type { Store } from '../ports/store.ts';
import type { AppDeps } from './app-deps.ts';

export type OpenStoreOptions = {
  /** Makes the file or the tables where there are none. Only `init` may (S4) [false]. */
  readonly create?: boolean;
};

/** Loads the code of one engine alone: a prober on etcd need not wait for the client of MySQL. */
export async function openStore(config: Config, deps: AppDeps, options: OpenStoreOptions = {}): Promise<Store> {
  const opened = await openEngine(config, deps, options.create === true);
  return deps.wrapStore?.(opened) ?? opened;
}

async function openEngine({ cluster }: Config, { clock, signal }: AppDeps, create: boolean): Promise<Store> {
  const { store, timing, name } = cluster;
  const shared = { clock, signal, create, cluster: name, bounds: { rho: timing.rho, marginMs: timing.marginMs } };
  if (store.kind === 'sqlite') {
    const { openSqliteStore } = await import('../store/sqlite/open-sqlite-store.ts');
    return openSqliteStore({ ...shared, path: store.path });
  }
  const remote = { ...shared, callTimeoutMs: store.callTimeoutMs, ...revealAccess(store) };
  switch (store.kind) {
    case 'etcd': {
      const { openEtcdStore } = await import('../store/etcd/open-etcd-store.ts');
      // Names in etcd begin like those of the records, so that rights can be given by prefix.
      const root = `/oneup/${name}/`;
      return openEtcdStore({ ...remote, endpoints: store.endpoints, namespace: root, root });
    }
    case 'postgres': {
      const { openPostgresStore } = await import('../store/postgres/open-postgres-store.ts');
      return openPostgresStore({ ...remote, ...sqlPlace(store) });
    }
    case 'mysql': {
      const { openMysqlStore } = await import('../store/mysql/open-mysql-store.ts');
      return openMysqlStore({ ...remote, ...sqlPlace(store) });
    }
    case 'zookeeper': {
      const { openZookeeperStore } = await import('../store/zookeeper/open-zookeeper-store.ts');
      return openZookeeperStore({ ...remote, endpoints: store.endpoints });
    }
    default:
      return assertNever(store);
  }
}

/** As whom a store is used, with what is secret. */
export function revealAccess({ username, password, tls }: RemoteStoreConfig) {
  return { username, password: password?.reveal() ?? null, tls: revealTls(tls) };
}

/** The configuration refuses an SQL store without a user. */
export function sqlPlace({
  endpoints,
  database,
  username,
}: Extract<StoreConfig, { readonly kind: 'postgres' | 'mysql' }>) {
  return { endpoints, database, username: username ?? '' };
}

function revealTls(tls: StoreTlsConfig | null) {
  return tls === null ? null : { ...tls, key: tls.key?.reveal() ?? null };
}
