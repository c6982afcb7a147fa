// An SQL engine as a world for the conformance suite: one server for a whole file of tests, a fresh cluster for each world.
import { randomUUID } from 'node:crypto';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import type { RemoteBackend } from '../../src/store/remote-backend.ts';
import type { SqlBackendOptions } from '../../src/store/sql/sql-store-options.ts';
import { createRemoteWorld, WORLD_REVISIONS_MAX } from './remote-world.ts';
import type { StoreWorld } from './store-world.ts';

export type SqlServer = {
  readonly access: Pick<SqlBackendOptions, 'endpoints' | 'database' | 'username' | 'password' | 'tls'>;
  readonly open: (options: SqlBackendOptions) => Promise<RemoteBackend>;
  readonly removeCluster: (cluster: string) => Promise<void>;
};

export function makeSqlWorld({ access, open, removeCluster }: SqlServer): StoreWorld {
  const cluster = randomUUID().slice(0, 13);
  const clock = createSystemClock();
  return createRemoteWorld({
    // Fake time moves in steps of 10 ms; the calls themselves take true time, on a machine that may be busy.
    connect: () =>
      open({
        ...access,
        cluster,
        create: true,
        clock,
        callTimeoutMs: 10_000,
        pollMs: 10,
        logRevisionsMax: WORLD_REVISIONS_MAX,
      }),
    dispose: async () => {
      clock[Symbol.dispose]();
      await removeCluster(cluster);
    },
  });
}
