// What `status` shows of the servers of ZooKeeper: each one as it is, who is gone within the deadline, and what is no server.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import { askZookeeperMembers } from '../../src/store/zookeeper/zookeeper-members.ts';
import { startZookeeper } from '../support/servers/zookeeper-server.ts';

const clock = createSystemClock();
const TIMEOUT_MS = 5_000;
const SOON_MS = 60_000;
const HOST = '127.0.0.1';

const limits = { clock, timeoutMs: TIMEOUT_MS, signal: new AbortController().signal };
const ask = (endpoints: Parameters<typeof askZookeeperMembers>[0]['endpoints']) =>
  askZookeeperMembers({ endpoints, tls: null }, limits);

describe('the servers of ZooKeeper', () => {
  test('three are shown with their parts; one is killed, one stands still, and the last serves nobody', async () => {
    await using ensemble = await startZookeeper({ servers: 3 });
    const { servers } = ensemble;
    // An ensemble chooses anew whenever one of them was kept from its work for some seconds.
    const all = await until(
      () => ask(servers),
      (rows) =>
        rows
          .map(({ state }) => state)
          .toSorted()
          .join() === 'follows,follows,leads',
    );
    assert.deepEqual(
      all.map(({ name, reason }) => [name, reason]),
      servers.map(({ host, port }) => [`${host}:${port}`, null]),
    );
    for (const { version } of all) assert.match(version ?? '', /^\d+\.\d+\.\d+$/);
    const [one = 0, two = 0] = [0, 1, 2].filter((at) => all[at]?.state === 'follows');
    const last = 3 - one - two;
    await servers[one]?.process.kill();
    servers[two]?.process.setStopped(true);
    try {
      const [now] = await until(
        () => ask(servers),
        (rows) => rows[last]?.state === 'refuses',
      );
      assert.ok(now);
      const rows = await ask(servers);
      assert.deepEqual(
        [rows[one]?.state, rows[one]?.reason, rows[two]?.state, rows[two]?.reason, rows[last]?.reason],
        [
          ...['silent', 'connection refused', 'silent', `no answer within ${TIMEOUT_MS} ms`],
          'it serves nobody now, as without a majority',
        ],
      );
    } finally {
      servers[two]?.process.setStopped(false);
    }
  });

  test('servers that stand alone where several are configured say so; alone by itself is nothing to say', async () => {
    await using zookeeper = await startZookeeper();
    const { servers } = zookeeper;
    const [alone] = await ask(servers);
    assert.deepEqual([alone?.state, alone?.reason], ['alone', null]);
    const [apart] = await ask([...servers, ...servers]);
    assert.deepEqual([apart?.state, apart?.reason], ['alone', 'it knows nothing of the other endpoints']);
  });

  test('a server that does not answer srvr is there all the same', async () => {
    await using zookeeper = await startQuiet();
    const [row] = await ask([zookeeper]);
    assert.deepEqual([row?.state, row?.reason], ['answers', 'srvr is switched off on it']);
  });

  test('what is no ZooKeeper is refused, also one that never ends', async () => {
    const answers = ['hello', 'Mode: leader\n', 'Zookeeper version: 3\nMode: \u001b[2J\n', 'x'.repeat(100_000)];
    for (const text of answers) {
      await using stranger = await startStranger(text);
      const [row] = await ask([stranger]);
      assert.deepEqual([row?.state, row?.reason], ['refuses', 'this is not ZooKeeper'], text.slice(0, 40));
    }
    await using endless = await startStranger('x'.repeat(1_000), { isEndless: true });
    assert.deepEqual((await ask([endless]))[0]?.reason, 'this is not ZooKeeper');
    await using silent = await startStranger('');
    assert.deepEqual((await ask([silent]))[0]?.reason, 'the connection was closed');
  });
});

/** Says what a server says that has been told to answer no such question (ZooKeeper 3.8). */
function startQuiet() {
  return startStranger('srvr is not executed because it is not in the allowed list.\n');
}

async function startStranger(text: string, { isEndless = false } = {}) {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    const goOn = (error?: Error | null) => {
      if (error === undefined || error === null) socket.write(text, goOn);
    };
    socket.once('data', () => void (isEndless ? goOn() : socket.end(text)));
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return {
    host: HOST,
    port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

async function until<T>(look: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  for (const end = performance.now() + SOON_MS; performance.now() < end; await sleep(50)) {
    const value = await look();
    if (holds(value)) return value;
  }
  return assert.fail(`not within ${SOON_MS} ms`);
}
