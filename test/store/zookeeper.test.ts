// Whose store it is: what the ZooKeeper engine finds when it opens, what it refuses, and why.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import { openZookeeperStore, type ZookeeperStoreOptions } from '../../src/store/zookeeper/open-zookeeper-store.ts';
import { single } from '../../src/store/zookeeper/questions.ts';
import { freePorts } from '../support/servers/free-port.ts';
import { startZookeeper, type ZookeeperServer, type ZookeeperServers } from '../support/servers/zookeeper-server.ts';
import { mustGet, put } from '../support/store-calls.ts';
import { askZookeeper } from '../support/zookeeper-world.ts';

const HOST = '127.0.0.1';
/** More than a busy machine needs: nothing here waits for it. */
const CALL_TIMEOUT_MS = 20_000;
const SOON_MS = 60_000;

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + SOON_MS; performance.now() < end; await sleep(20)) if (await holds()) return;
  assert.fail(`not within ${SOON_MS} ms: ${what}`);
}

describe('a ZooKeeper store is opened', () => {
  const clock = createSystemClock();
  const running: { all?: ZookeeperServers } = {};
  before(async () => {
    running.all = await startZookeeper();
    // The parent of all clusters belongs to whoever comes first: here to everybody.
    await using first = await openZookeeperStore(options());
    await first.list('');
  });
  after(() => running.all?.[Symbol.asyncDispose]());

  function server(): ZookeeperServer {
    return running.all?.servers[0] ?? assert.fail('the server did not start');
  }

  function options(changes: Partial<ZookeeperStoreOptions> = {}): ZookeeperStoreOptions {
    const open = { username: null, password: null, tls: null, create: true, endpoints: [server()] };
    const timing = { clock, bounds: { rho: 0.01, marginMs: 100 }, callTimeoutMs: CALL_TIMEOUT_MS };
    return { cluster: `test-${randomUUID()}`, ...open, ...timing, ...changes };
  }

  test('without its root a cluster is not initialised, and nothing is made', async () => {
    const asked = options({ create: false });
    await assert.rejects(openZookeeperStore(asked), { code: 'ONEUP_STORE_NOT_INITIALISED' });
    await assert.rejects(openZookeeperStore(asked), { code: 'ONEUP_STORE_NOT_INITIALISED' });
    await using made = await openZookeeperStore({ ...asked, create: true });
    await put(made, '/k', '1');
    await using found = await openZookeeperStore(asked);
    assert.equal((await mustGet(found, '/k')).value, '1');
  });

  test('a cluster of a user is closed to everybody else, and no message has the password', async () => {
    const mine = options({ username: 'oneup', password: 'correct horse' });
    await using store = await openZookeeperStore(mine);
    await put(store, '/k', '1');
    await using again = await openZookeeperStore({ ...mine, create: false });
    assert.equal((await mustGet(again, '/k')).value, '1');
    for (const wrong of [{ password: 'battery staple' }, { username: null, password: null }]) {
      const error: unknown = await openZookeeperStore({ ...mine, ...wrong, create: false }).catch((thrown) => thrown);
      assert.equal((error as { code?: string }).code, 'ONEUP_STORE_DENIED');
      assert.doesNotMatch(JSON.stringify(error) + String((error as Error).stack), /battery staple|correct horse/);
    }
  });

  test('when nobody answers opening ends with a reason', async () => {
    const [dead = 0] = await freePorts(1);
    const endpoints = [{ host: HOST, port: dead }];
    await assert.rejects(openZookeeperStore(options({ endpoints })), {
      code: 'ONEUP_STORE_UNREACHABLE',
      message: /ECONNREFUSED/,
    });
  });

  test('what speaks another protocol is told apart from ZooKeeper, whatever it says', async () => {
    const answers = [
      Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
      randomBytes(4_096),
      Buffer.alloc(64),
      Buffer.of(),
    ];
    for (const answer of answers) {
      const strange = createServer((socket) => socket.on('error', () => undefined).end(answer)).listen(0, HOST);
      await once(strange, 'listening');
      const address = strange.address();
      assert.ok(address !== null && typeof address === 'object');
      const endpoints = [{ host: HOST, port: address.port }];
      await assert.rejects(openZookeeperStore(options({ endpoints })), { code: 'ONEUP_STORE_UNREACHABLE' });
      strange.close();
    }
  });

  test('a newer schema, a strange root and a root that is gone are refused by name', async () => {
    const shared = options();
    await using store = await openZookeeperStore(shared);
    await put(store, '/k', '1');
    const path = `/oneup/${shared.cluster}`;
    const write = (text: string) =>
      askZookeeper(server(), single({ kind: 'setData', path, data: Buffer.from(text), version: -1 }));
    await write('{"schema":2,"id":"x"}');
    await assert.rejects(openZookeeperStore(shared), { code: 'ONEUP_STORE_NEWER' });
    await write('no root');
    await assert.rejects(openZookeeperStore(shared), { code: 'ONEUP_STORE_CORRUPT' });
    await askZookeeper(server(), single({ kind: 'delete', path: `${path}/head`, version: -1 }));
    await assert.rejects(put(store, '/k', '2'));
    await assert.rejects(
      store.get('/none').then(() => store.list('')),
      { code: 'ONEUP_STORE_CORRUPT' },
    );
    assert.equal(store.health().kind, 'lost');
  });

  test('a store that was put back to an older state is not read, and is again when it is whole (S4)', async () => {
    const shared = options();
    await using store = await openZookeeperStore(shared);
    await put(store, '/k', '1');
    const revision = await put(store, '/k', '2');
    const path = `/oneup/${shared.cluster}/head`;
    const write = (value: number) =>
      askZookeeper(server(), single({ kind: 'setData', path, data: Buffer.from(String(value)), version: -1 }));
    await write(revision - 1);
    await assert.rejects(store.list(''), { code: 'ONEUP_STORE_WENT_BACK' });
    await assert.rejects(put(store, '/k', '3'));
    await write(revision);
    await until('the store answers', async () => (await store.list('').catch(() => null))?.revision === revision);
    assert.equal(await put(store, '/k', '3'), revision + 1);
  });

  test('two clusters in one ensemble do not see each other', async () => {
    await using one = await openZookeeperStore(options());
    await using other = await openZookeeperStore(options());
    const revision = await put(one, '/k', 'one');
    await put(other, '/k', 'other');
    await put(other, '/k', 'other again');
    assert.equal((await one.list('')).revision, revision);
    assert.equal((await mustGet(one, '/k')).value, 'one');
  });
});
