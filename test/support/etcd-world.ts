// etcd as a world for the conformance suite: one server for the file, one namespace for each world.
import { randomUUID } from 'node:crypto';
import { after, before } from 'node:test';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import { openEtcdBackend } from '../../src/store/etcd/open-etcd-store.ts';
import { createRemoteWorld, WORLD_REVISIONS_MAX } from './remote-world.ts';
import { type EtcdServers, startEtcd } from './servers/etcd-server.ts';
import { type StoreWorld, WORLD_BOUNDS } from './store-world.ts';

/** Starts the server before the tests of the file that calls this, and ends it after them. */
export function etcdWorlds(): () => Promise<StoreWorld> {
  let servers: EtcdServers | null = null;
  before(async () => {
    servers = await startEtcd();
  });
  after(() => servers?.[Symbol.asyncDispose]());
  return async () => {
    const namespace = `/test/${randomUUID()}/`;
    const shared = {
      endpoints: servers?.endpoints ?? [],
      namespace,
      root: '',
      username: null,
      password: null,
      tls: null,
    };
    const options = {
      ...shared,
      bounds: WORLD_BOUNDS,
      clock: createSystemClock(),
      logRevisionsMax: WORLD_REVISIONS_MAX,
    };
    return createRemoteWorld({ connect: () => openEtcdBackend(options), dispose: async () => {} });
  };
}
