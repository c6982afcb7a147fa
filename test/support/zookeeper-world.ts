// ZooKeeper as a world for the conformance suite: one server for a whole file of tests, a cluster of its own for each world.
import { after, before } from 'node:test';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import { type Asking, ask } from '../../src/store/zookeeper/ask-each.ts';
import { openSocket } from '../../src/store/zookeeper/open-socket.ts';
import { openZookeeperBackend } from '../../src/store/zookeeper/open-zookeeper-store.ts';
import { getChildren, type Question } from '../../src/store/zookeeper/questions.ts';
import { ZookeeperConnection } from '../../src/store/zookeeper/zookeeper-connection.ts';
import { createRemoteWorld, WORLD_REVISIONS_MAX } from './remote-world.ts';
import { startZookeeper, type ZookeeperServer, type ZookeeperServers } from './servers/zookeeper-server.ts';
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

/** A connection past the store: for tests that look at znodes or change them as nobody should. */
export async function withConnection<T>(
  { host, port }: Pick<ZookeeperServer, 'host' | 'port'>,
  run: (asking: Asking) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.timeout(CALL_TIMEOUT_MS);
  using clock = createSystemClock();
  const socket = await openSocket({ endpoint: { host, port }, tls: null, clock, timeoutMs: CALL_TIMEOUT_MS, signal });
  const limits = { clock, silenceMaxMs: CALL_TIMEOUT_MS, openingMaxMs: CALL_TIMEOUT_MS };
  const connection = new ZookeeperConnection({ socket, name: 'test', identity: null, ...limits, onEvent: () => {} });
  try {
    await connection.opened();
    return await run({ connection, signal });
  } finally {
    connection.close();
  }
}

export function askZookeeper<T>(server: Pick<ZookeeperServer, 'host' | 'port'>, question: Question<T>) {
  return withConnection(server, (asking) => ask(asking, question));
}

/** How many znodes lie below the path, and below those. */
export async function countZnodes(server: ZookeeperServer, path: string): Promise<number> {
  const { value } = await askZookeeper(server, getChildren(path));
  let count = 0;
  for (const name of value?.names ?? []) count += 1 + (await countZnodes(server, `${path}/${name}`));
  return count;
}
