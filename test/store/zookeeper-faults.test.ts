// ZooKeeper as it fails: servers that are dead, stopped or killed, lines that fall silent, and answers that get lost.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import type { Store } from '../../src/ports/store.ts';
import { openZookeeperStore, type ZookeeperStoreOptions } from '../../src/store/zookeeper/open-zookeeper-store.ts';
import { openBlackHole } from '../support/black-hole.ts';
import { type FaultyLink, startFaultyLink } from '../support/faulty-link.ts';
import { freePorts } from '../support/servers/free-port.ts';
import { startZookeeper, type ZookeeperServer, type ZookeeperServers } from '../support/servers/zookeeper-server.ts';
import { commit, follow, mustGet, put, putIsTold } from '../support/store-calls.ts';

const HOST = '127.0.0.1';
/** Some tests wait until a call is given up; the others leave room for a busy machine. */
const CALL_TIMEOUT_MS = 3_000;
const SESSION_MS = 6_000;
/** Far above the limit of a call, far below a call that has none. */
const SOON_MS = 60_000;

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + SOON_MS; performance.now() < end; await sleep(20)) if (await holds()) return;
  assert.fail(`not within ${SOON_MS} ms: ${what}`);
}

describe('ZooKeeper in trouble', () => {
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

  test('endpoints that are dead or silent cost no call while another answers', async () => {
    const [dead = 0] = await freePorts(1);
    await using silent = await openBlackHole();
    const endpoints = [{ host: HOST, port: dead }, { host: HOST, port: silent.port }, server()];
    await using store = await openZookeeperStore(options({ endpoints, callTimeoutMs: 2 * CALL_TIMEOUT_MS }));
    await put(store, '/k', '1');
    assert.equal((await mustGet(store, '/k')).value, '1');
  });

  test('garbage in the middle of a conversation ends the connection, not the store', async () => {
    await using line = await startGarblingLine(server().port);
    await using store = await openZookeeperStore(options({ endpoints: [{ host: HOST, port: line.port }] }));
    await put(store, '/k', '1');
    line.garble(true);
    await assert.rejects(store.get('/k'), { code: 'ONEUP_STORE_UNREACHABLE' });
    line.garble(false);
    await until('the store answers', async () => (await store.get('/k').catch(() => null))?.value === '1');
  });

  test('a store that follows its own commits keeps its connection', async () => {
    await using store = await openZookeeperStore(options());
    const revision = await put(store, '/n', '0');
    await using watch = follow(store, '/', revision);
    for (let count = 1; count <= 300; count += 1) {
      await put(store, '/n', String(count));
      assert.equal(store.health().kind, 'reachable');
    }
    await until('every change was told', () => watch.events.length >= 300);
    assert.ok(
      watch.events.every(({ kind }) => kind === 'put'),
      'nothing was missed',
    );
  });

  test('a server that stands still: calls end in time, health is lost, and all goes on afterwards', async () => {
    await using store = await openZookeeperStore(options());
    const session = await store.openSession({ id: 's', ttlMs: SESSION_MS });
    const revision = await put(store, '/k', '1', session.id);
    await using watch = follow(store, '/', revision);
    server().process.setStopped(true);
    try {
      const began = performance.now();
      await assert.rejects(store.get('/k'), { code: 'ONEUP_STORE_UNREACHABLE' });
      assert.ok(performance.now() - began < SOON_MS);
      assert.equal(typeof (await session.lost), 'string');
      await until('its health is lost', () => store.health().kind === 'lost');
    } finally {
      server().process.setStopped(false);
    }
    await until('its health is good', () => store.health().kind === 'reachable');
    await until('the watch says resync', () => watch.events.some(({ kind }) => kind === 'resync'));
    await until('the watch goes on', () => putIsTold(store, watch, '/after'));
  });

  test('an answer that is lost leaves a doubt, which the token settles', async () => {
    await using link = await startFaultyLink(server());
    await using store = await openZookeeperStore(options({ endpoints: [{ host: HOST, port: link.port }] }));
    await put(store, '/k', '0');
    const token = await loseAnswer(store, link);
    await until('the token is found', async () => (await store.outcomeOf(token).catch(() => null)) === 'committed');
    assert.equal((await mustGet(store, '/k')).value, 'lost');
  });

  test('a line that falls silent is given up, and another endpoint tells what happened meanwhile', async () => {
    await using link = await startFaultyLink(server());
    const shared = options();
    await using writer = await openZookeeperStore(shared);
    await using reader = await openZookeeperStore({
      ...shared,
      endpoints: [{ host: HOST, port: link.port }, server()],
    });
    const revision = await put(writer, '/k', '0');
    await using watch = follow(reader, '/', revision);
    await put(writer, '/k', '1');
    await until('the watch lives', () => watch.events.length > 0);
    link.set('silent');
    await put(writer, '/k', '2');
    await until('the change came by the other endpoint', async () => {
      const isTold = watch.events.some(
        (event) => event.kind === 'resync' || (event.kind === 'put' && event.entry.value === '2'),
      );
      return isTold && (await reader.get('/k').catch(() => null))?.value === '2';
    });
  });

  test('killed and started again under load: no acknowledged commit is lost, every doubt is settled', async () => {
    const shared = options();
    await using store = await openZookeeperStore(shared);
    await using other = await openZookeeperStore(shared);
    const load = { isOn: true };
    const writers = [writeMany(store, 'a', load), writeMany(other, 'b', load)];
    for (let round = 0; round < 2; round += 1) {
      await sleep(700);
      await server().process.kill();
      await server().process.start();
    }
    await sleep(700);
    load.isOn = false;
    const written = (await Promise.all(writers)).flat();
    await until('the store answers', async () => (await store.get('/none').catch(() => 'away')) === null);
    assert.ok(written.length > 20, 'there was a load');
    for (const { key, token, result } of written) {
      const outcome = await store.outcomeOf(token);
      if (result === 'committed') assert.equal(outcome, 'committed', `${key} was acknowledged`);
      if (result === 'conflict') assert.equal(outcome, 'absent');
      assert.equal((await store.get(key)) !== null, outcome === 'committed', `${key} and its token say the same`);
    }
  });
});

/** A line to the server that replaces its words by noise on request. */
async function startGarblingLine(port: number) {
  let isGarbling = false;
  const sockets = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = connect(port, HOST);
    for (const [socket, peer] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => peer.destroy());
    }
    near.on('data', (bytes) => far.write(bytes));
    far.on('data', (bytes) => near.write(isGarbling ? randomBytes(bytes.length) : bytes));
  }).listen(0, HOST);
  await once(proxy, 'listening');
  const address = proxy.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    garble: (on: boolean) => {
      isGarbling = on;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      proxy.close();
    },
  };
}

/** A commit that the server makes and nobody hears of. */
async function loseAnswer(store: Store, link: FaultyLink): Promise<string> {
  // A look may meet the fault first and drop the connection: then nothing was sent, and it is tried again.
  for (let tried = 0; tried < 20; tried += 1) {
    link.set('answersLost');
    const token = randomUUID();
    const result = await store
      .commit({ guards: [], writes: [{ kind: 'put', key: '/k', value: 'lost' }], token })
      .catch(() => null);
    link.set('none');
    if (result?.kind === 'unknown' && (await isCommitted(store, token))) return token;
    await sleep(50);
  }
  return assert.fail('no answer could be lost');
}

async function isCommitted(store: Store, token: string): Promise<boolean> {
  for (;;) {
    const outcome = await store.outcomeOf(token).catch(() => null);
    if (outcome !== null) return outcome === 'committed';
    await sleep(50);
  }
}

type Written = { readonly key: string; readonly token: string; readonly result: string };

async function writeMany(store: Store, name: string, load: { readonly isOn: boolean }): Promise<readonly Written[]> {
  const written: Written[] = [];
  for (let count = 0; load.isOn; count += 1) {
    const [key, token] = [`/${name}/${count}`, randomUUID()];
    const guards = [{ kind: 'absent', key }] as const;
    const result = await commit(store, { guards, writes: [{ kind: 'put', key, value: '1' }], token }).catch(() => null);
    // What was thrown was never sent.
    written.push({ key, token, result: result?.kind ?? 'conflict' });
    await sleep(5);
  }
  return written;
}
