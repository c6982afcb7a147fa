// ZooKeeper as a world for the conformance suite: one server for a whole file of tests, a cluster of its own for each world.
import { after, before } from 'node:test';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import { openZookeeperBackend } from '../../src/store/zookeeper/open-zookeeper-store.ts';
import { createRemoteWorld, WORLD_REVISIONS_MAX } from './remote-world.ts';
import { startZookeeper, type ZookeeperServers } from './servers/zookeeper-server.ts';
import type { StoreWorld } from './store-world.ts';

/** As long as the step of a world's time. */
const POLL_MS = 10;
/** Under the patience of a world, over the pauses of a busy machine. */
const CALL_TIMEOUT_MS = 8_000;

/** To be called while a file of tests is read: its server runs as long as its tests do. */
export function zookeeperWorlds(): () => Promise<StoreWorld> {
  const running: { servers?: ZookeeperServers } = {};
  before(async () => {
    running.servers = await startZookeeper();
  });
  after(() => running.servers?.[Symbol.asyncDispose]());
  return async () => {
    if (running.servers === undefined) throw new Error('Cannot test ZooKeeper: its server did not start');
    return makeWorld(running.servers);
  };
}

/** What lies below the cluster stays until the server ends with its data: nothing else looks there. */
function makeWorld({ servers }: ZookeeperServers): StoreWorld {
  const clock = createSystemClock();
  const cluster = `world-${crypto.randomUUID()}`;
  const open = { username: null, password: null, tls: null, create: true };
  const limits = { clock, pollMs: POLL_MS, callTimeoutMs: CALL_TIMEOUT_MS, logRevisionsMax: WORLD_REVISIONS_MAX };
  return createRemoteWorld({
    connect: () => openZookeeperBackend({ cluster, endpoints: servers, ...open, ...limits }),
    dispose: async () => clock[Symbol.dispose](),
  });
}
