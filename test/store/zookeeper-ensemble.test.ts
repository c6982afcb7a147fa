// ZooKeeper as it is run in earnest: three servers of which one may die, and lines that are encrypted.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import { openZookeeperStore, type ZookeeperStoreOptions } from '../../src/store/zookeeper/open-zookeeper-store.ts';
import { askZookeeperMembers } from '../../src/store/zookeeper/zookeeper-members.ts';
import { createAuthority } from '../support/servers/certificates.ts';
import { startZookeeper, type ZookeeperServer } from '../support/servers/zookeeper-server.ts';
import { commit, follow, increment, mustGet, put, putIsTold } from '../support/store-calls.ts';

const clock = createSystemClock();
const SOON_MS = 90_000;
/** An ensemble that has lost the server which orders its writes serves nobody until it has chosen another. */
const PATIENCE_MS = 90_000;

function options(endpoints: ZookeeperStoreOptions['endpoints']): ZookeeperStoreOptions {
  const open = { username: null, password: null, tls: null, create: true };
  const timing = { clock, bounds: { rho: 0.01, marginMs: 100 }, callTimeoutMs: 5_000 };
  return { cluster: `test-${randomUUID()}`, endpoints, ...open, ...timing };
}

describe('three ZooKeeper servers', () => {
  test('when the one that orders the writes is killed, commits go on and none is lost', async () => {
    await using ensemble = await startZookeeper({ servers: 3 });
    const shared = options(ensemble.servers);
    const first = await findFirst(ensemble.servers);
    // One client on the server that dies, one on another.
    const others = ensemble.servers.filter((server) => server !== first);
    await using near = await openZookeeperStore({ ...shared, endpoints: [first, ...others] });
    await using far = await openZookeeperStore({ ...shared, endpoints: [...others, first] });
    await put(near, '/n', '0');
    const revision = (await far.list('/n')).revision;
    await using watch = follow(far, '/', revision);
    for (let count = 0; count < 20; count += 1) await increment(count % 2 === 0 ? near : far, '/n');
    await first.process.kill();
    const keys: string[] = [];
    for (const until = performance.now() + PATIENCE_MS; keys.length < 20 && performance.now() < until; ) {
      const key = `/after/${randomUUID()}`;
      const writer = keys.length % 2 === 0 ? near : far;
      const result = await commit(writer, { writes: [{ kind: 'put', key, value: '1' }] }).catch(() => null);
      if (result?.kind === 'committed') keys.push(key);
      else await sleep(100);
    }
    assert.equal(keys.length, 20, 'commits go on with two of three');
    assert.equal((await mustGet(near, '/n')).value, '20');
    for (const key of keys) assert.equal((await mustGet(near, key)).value, '1');
    await until(async () => near.health().kind === 'reachable' && far.health().kind === 'reachable');
    await until(() => putIsTold(near, watch, '/last'));
    await first.process.start();
    await using again = await openZookeeperStore({ ...shared, endpoints: [first] });
    assert.equal((await mustGet(again, '/last')).value, '1');
  });

  test('a read from any server sees every commit that was answered before', async () => {
    await using ensemble = await startZookeeper({ servers: 3 });
    const shared = { ...options(ensemble.servers), callTimeoutMs: 10_000 };
    const first = await findFirst(ensemble.servers);
    // The others hear of a commit after the first has answered it.
    await using writer = await openZookeeperStore({ ...shared, endpoints: [first] });
    const others = ensemble.servers.filter((server) => server !== first);
    await using two = await openZookeeperStore({ ...shared, endpoints: others.slice(0, 1) });
    await using three = await openZookeeperStore({ ...shared, endpoints: others.slice(1) });
    const revisions: number[] = [];
    for (let round = 0; round < 400; round += 1) {
      const revision = await put(writer, '/k', String(round));
      const [seen, alsoSeen, { revision: listed }] = await Promise.all([
        mustGet(two, '/k'),
        mustGet(three, '/k'),
        (round % 2 === 0 ? two : three).list('/none'),
      ]);
      assert.deepEqual([seen.value, alsoSeen.value, listed], [String(round), String(round), revision]);
      revisions.push(revision);
    }
    assert.equal(new Set(revisions).size, revisions.length);
  });

  test('a server that stands still is left for another', async () => {
    await using ensemble = await startZookeeper({ servers: 3 });
    const first = await findFirst(ensemble.servers);
    const still = ensemble.servers.find((server) => server !== first) ?? assert.fail();
    const others = ensemble.servers.filter((server) => server !== still);
    await using store = await openZookeeperStore({ ...options([]), endpoints: [still, ...others] });
    const revision = await put(store, '/k', '1');
    await using watch = follow(store, '/', revision);
    still.process.setStopped(true);
    try {
      await until(async () => (await store.get('/k').catch(() => null)) !== null);
      await put(store, '/k', '2');
      await until(() => watch.events.some(({ kind }) => kind === 'resync' || kind === 'put'));
      await until(() => store.health().kind === 'reachable');
    } finally {
      still.process.setStopped(false);
    }
  });
});

describe('ZooKeeper behind TLS', () => {
  test('both sides prove who they are, and what does not is refused', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'oneup-zookeeper-tls-'));
    try {
      const authority = createAuthority();
      const [server, client] = [
        authority.certify(['DNS:zookeeper.example.net']),
        authority.certify(['DNS:oneup.example.net']),
      ];
      const [keys, trust] = [join(directory, 'server.pem'), join(directory, 'ca.pem')];
      writeFileSync(keys, `${server.key}${server.cert}`);
      writeFileSync(trust, authority.ca);
      await using zookeeper = await startZookeeper({ lines: tlsLines(keys, trust) });
      const [{ host, securePort: port } = assert.fail()] = zookeeper.servers;
      const tls = { ca: authority.ca, ...client, serverName: 'zookeeper.example.net' };
      // A cold JVM takes its time over the first handshake.
      const shared = { ...options([{ host, port }]), tls, callTimeoutMs: 10_000 };
      await using store = await openZookeeperStore(shared);
      await put(store, '/k', 'x'.repeat(1024 * 1024));
      assert.equal((await mustGet(store, '/k')).value.length, 1024 * 1024);
      const limits = { clock, timeoutMs: 10_000, signal: new AbortController().signal };
      const [member] = await askZookeeperMembers(shared, limits);
      assert.deepEqual([member?.state, member?.reason], ['alone', null]);
      const [strange] = await askZookeeperMembers({ ...shared, tls: { ...tls, serverName: null } }, limits);
      assert.equal(strange?.state, 'refuses');
      assert.match(strange?.reason ?? '', /altnames/);
      const denied = { code: 'ONEUP_STORE_DENIED' };
      await assert.rejects(openZookeeperStore({ ...shared, tls: { ...tls, serverName: 'other.example.net' } }), denied);
      await assert.rejects(openZookeeperStore({ ...shared, tls: { ...tls, serverName: null } }), denied);
      await assert.rejects(openZookeeperStore({ ...shared, tls: { ...tls, ca: createAuthority().ca } }), denied);
      await assert.rejects(openZookeeperStore({ ...shared, tls: { ...tls, key: 'no key' } }), denied);
      await assert.rejects(openZookeeperStore({ ...shared, tls: { ...tls, cert: null, key: null } }), denied);
      await assert.rejects(openZookeeperStore({ ...shared, tls: null }), { code: 'ONEUP_STORE_UNREACHABLE' });
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

function tlsLines(keys: string, trust: string): readonly string[] {
  return [
    'secureClientPort=%secure%',
    'secureClientPortAddress=127.0.0.1',
    'serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory',
    `ssl.keyStore.location=${keys}`,
    'ssl.keyStore.type=PEM',
    `ssl.trustStore.location=${trust}`,
    'ssl.trustStore.type=PEM',
  ];
}

/** The server that orders the writes; which of them it is, they agree by themselves. */
async function findFirst(servers: readonly ZookeeperServer[]): Promise<ZookeeperServer> {
  const found: { first?: ZookeeperServer | undefined } = {};
  await until(async () => {
    const modes = await Promise.all(servers.map((server) => server.mode()));
    found.first = servers[modes.findIndex((mode) => mode !== null && mode !== 'follower')];
    return found.first !== undefined;
  });
  return found.first ?? assert.fail('nobody orders the writes');
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + SOON_MS; performance.now() < end; await sleep(20)) if (await holds()) return;
  assert.fail(`not within ${SOON_MS} ms`);
}
