// etcd as it fails: members that die or stand still, answers that get lost, rights, certificates, limits and a full disk.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import type { Store } from '../../src/ports/store.ts';
import { type EtcdStoreOptions, openEtcdStore } from '../../src/store/etcd/open-etcd-store.ts';
import { startFaultyLink } from '../support/faulty-link.ts';
import { createAuthority } from '../support/servers/certificates.ts';
import { askEtcd, type EtcdServers, startEtcd } from '../support/servers/etcd-server.ts';
import { freePorts } from '../support/servers/free-port.ts';
import { commit, follow, mustGet, put } from '../support/store-calls.ts';

const clock = createSystemClock();
const TTL_MS = 1_500;
const CALL_TIMEOUT_MS = 1_000;

function options(endpoints: readonly string[], changes: Partial<EtcdStoreOptions> = {}): EtcdStoreOptions {
  const namespace = `/test/${randomUUID()}/`;
  const open = { username: null, password: null, tls: null, root: '' };
  const timing = { clock, bounds: { rho: 0.01, marginMs: 100 }, callTimeoutMs: CALL_TIMEOUT_MS };
  return { endpoints, namespace, ...open, ...timing, ...changes };
}

const urlOf = (port: number) => `http://127.0.0.1:${port}`;
const portOf = (url: string) => Number(new URL(url).port);

async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  for (const end = performance.now() + withinMs; performance.now() < end; await sleep(20)) if (await holds()) return;
  assert.fail(`not within ${withinMs} ms: ${what}`);
}

describe('one member of etcd', () => {
  let etcd: EtcdServers;
  before(async () => {
    etcd = await startEtcd();
  });
  after(() => etcd[Symbol.asyncDispose]());

  test('an endpoint that is dead costs nothing while another answers', async () => {
    const [dead = 0] = await freePorts(1);
    await using store = await openEtcdStore(options([urlOf(dead), ...etcd.endpoints]));
    await put(store, '/k', '1');
    assert.equal((await mustGet(store, '/k')).value, '1');
  });

  test('a member that stands still: calls end in time, sessions at their deadline, and all goes on afterwards', async () => {
    const shared = options(etcd.endpoints);
    await using store = await openEtcdStore(shared);
    const session = await store.openSession({ id: 's', ttlMs: TTL_MS });
    const revision = await put(store, '/k', '1', session.id);
    await using watch = follow(store, '/', revision);
    const [member] = etcd.members;
    member?.setStopped(true);
    try {
      const began = performance.now();
      await assert.rejects(store.get('/k'), { code: 'ONEUP_STORE_UNREACHABLE' });
      assert.ok(performance.now() - began < 4 * CALL_TIMEOUT_MS);
      assert.equal(typeof (await session.lost), 'string');
      assert.ok(session.mayActUntilBootMs() < clock.bootMs());
      assert.equal(store.health().kind, 'lost');
      const doubt = await commit(store, { writes: [{ kind: 'put', key: '/late', value: '1' }] });
      assert.equal(doubt.kind, 'unknown');
    } finally {
      member?.setStopped(false);
    }
    await until(
      'the store answers',
      async () =>
        (await store.get('/k').then(
          () => true,
          () => false,
        )) === true,
    );
    await until('its health is good', () => store.health().kind === 'reachable');
    await until('the watch says resync', () => watch.events.some(({ kind }) => kind === 'resync'));
    await put(store, '/after', '1');
    await until('the watch goes on', () =>
      watch.events.some((event) => event.kind === 'put' && event.entry.key === '/after'),
    );
  });

  test('an answer that is lost leaves a doubt, which the token settles; another endpoint settles it at once', async () => {
    await using link = await startFaultyLink({ host: '127.0.0.1', port: portOf(etcd.endpoints[0] ?? '') });
    const shared = options([urlOf(link.port)]);
    await using store = await openEtcdStore(shared);
    await put(store, '/k', '0');
    link.set('answersLost');
    const token = randomUUID();
    const result = await store.commit({ guards: [], writes: [{ kind: 'put', key: '/k', value: '1' }], token });
    assert.equal(result.kind, 'unknown');
    link.set('none');
    assert.equal(await store.outcomeOf(token), 'committed');
    await using both = await openEtcdStore({ ...shared, endpoints: [urlOf(link.port), ...etcd.endpoints] });
    const version = await put(both, '/k', '2');
    link.set('answersLost');
    const guards = [{ kind: 'version', key: '/k', version }] as const;
    const settled = await commit(both, { guards, writes: [{ kind: 'put', key: '/k', value: '3' }] });
    assert.equal(settled.kind, 'committed');
    assert.equal((await mustGet(both, '/k')).version, settled.kind === 'committed' ? settled.revision : -1);
  });

  test('a link that falls silent is noticed by the watch, and what happened meanwhile is told', async () => {
    await using link = await startFaultyLink({ host: '127.0.0.1', port: portOf(etcd.endpoints[0] ?? '') });
    const shared = options([urlOf(link.port), ...etcd.endpoints]);
    await using writer = await openEtcdStore({ ...shared, endpoints: etcd.endpoints });
    await using reader = await openEtcdStore(shared);
    const revision = await put(writer, '/k', '0');
    await using watch = follow(reader, '/', revision);
    await put(writer, '/k', '1');
    await until('the watch lives', () => watch.events.length > 0);
    link.set('silent');
    await put(writer, '/k', '2');
    await until('the change came by the other endpoint', () =>
      watch.events.some((event) => event.kind === 'resync' || (event.kind === 'put' && event.entry.value === '2')),
    );
  });

  test('history that etcd has compacted is answered by a new list', async () => {
    const [endpoint = ''] = etcd.endpoints;
    await using link = await startFaultyLink({ host: '127.0.0.1', port: portOf(endpoint) });
    const shared = options([urlOf(link.port)]);
    await using writer = await openEtcdStore({ ...shared, endpoints: etcd.endpoints });
    await using reader = await openEtcdStore(shared);
    const session = await writer.openSession({ id: 's', ttlMs: 60_000 });
    const revision = await put(writer, '/k', '0', session.id);
    await using watch = follow(reader, '/', revision);
    link.set('refused');
    const last = await put(writer, '/k', '1', session.id);
    await askEtcd(endpoint, '/v3/kv/compaction', { revision: String(last) });
    link.set('none');
    await until('resync', () => watch.events.some(({ kind }) => kind === 'resync'));
    const next = await put(writer, '/k', '2');
    await until('it goes on', () => watch.events.some((event) => event.kind === 'put' && event.revision === next));
  });

  test('two clusters in one etcd do not see each other, nor what others write', async () => {
    await using one = await openEtcdStore(options(etcd.endpoints));
    await using other = await openEtcdStore(options(etcd.endpoints));
    const revision = await put(one, '/k', 'one');
    await using watch = follow(one, '/', revision);
    await put(other, '/k', 'other');
    const [endpoint = ''] = etcd.endpoints;
    const foreign = Buffer.from('/elsewhere').toString('base64');
    await askEtcd(endpoint, '/v3/kv/put', { key: foreign, value: foreign });
    assert.equal((await one.list('/')).revision, revision, 'what others write is no change here');
    assert.deepEqual(
      (await one.list('')).entries.map(({ value }) => value),
      ['one'],
    );
    const next = await put(one, '/k', 'again');
    await until('own change', () => watch.events.length > 0);
    assert.deepEqual(
      watch.events.map((event) => (event.kind === 'put' ? event.revision : event.kind)),
      [next],
    );
  });

  test('five thousand keys are listed in pages, as of one revision', async () => {
    await using store = await openEtcdStore(options(etcd.endpoints));
    const keys = Array.from({ length: 5_000 }, (_, index) => `/many/${String(index).padStart(5, '0')}`);
    for (let at = 0; at < keys.length; at += 1_000) {
      const writes = keys.slice(at, at + 1_000).map((key) => ({ kind: 'put', key, value: key }) as const);
      assert.equal((await commit(store, { writes })).kind, 'committed');
    }
    const { entries } = await store.list('/many/');
    assert.deepEqual(
      entries.map(({ key }) => key),
      keys,
    );
  });

  test('more keys of one session than fit in a transaction go with it all the same', async () => {
    const shared = options(etcd.endpoints);
    await using holder = await openEtcdStore(shared);
    await using other = await openEtcdStore(shared);
    const session = await holder.openSession({ id: 's', ttlMs: TTL_MS });
    const writes = Array.from(
      { length: 300 },
      (_, index) => ({ kind: 'put', key: `/o/${index}`, value: '1', sessionId: session.id }) as const,
    );
    await commit(holder, { writes });
    await put(other, '/stays', '1');
    await session.close();
    await until('all are gone', async () => (await other.list('/o/')).entries.length === 0);
    assert.ok(await other.get('/stays'));
  });

  test('a record that oneup did not write is named, and nothing else is harmed', async () => {
    const shared = options(etcd.endpoints);
    await using store = await openEtcdStore(shared);
    await put(store, '/k', '1');
    const key = Buffer.from(`${shared.namespace}k//strange`).toString('base64');
    await askEtcd(etcd.endpoints[0] ?? '', '/v3/kv/put', { key, value: Buffer.from('no session').toString('base64') });
    await assert.rejects(store.get('/strange'), { code: 'ONEUP_STORE_CORRUPT', message: /strange/ });
    await assert.rejects(openEtcdStore(shared), { code: 'ONEUP_STORE_CORRUPT' });
    assert.equal((await mustGet(store, '/k')).value, '1');
  });
});

describe('who may use etcd, and how much of it', () => {
  test('a wrong password is refused without being shown; rights by prefix are enough, and end at the prefix', async () => {
    await using etcd = await startEtcd();
    const [endpoint = ''] = etcd.endpoints;
    const shared = options(etcd.endpoints, { username: 'oneup', password: 'right-password' });
    const prefix = Buffer.from(shared.namespace).toString('base64');
    const end = Buffer.from(`${shared.namespace.slice(0, -1)}0`).toString('base64');
    for (const user of ['root', 'oneup']) {
      await askEtcd(endpoint, '/v3/auth/user/add', { name: user, password: 'right-password' });
      await askEtcd(endpoint, '/v3/auth/role/add', { name: user });
      await askEtcd(endpoint, '/v3/auth/user/grant', { user, role: user });
    }
    const perm = { permType: 'READWRITE', key: prefix, range_end: end };
    await askEtcd(endpoint, '/v3/auth/role/grant', { name: 'oneup', perm });
    await askEtcd(endpoint, '/v3/auth/enable', {});
    await using store = await openEtcdStore(shared);
    const session = await store.openSession({ id: 's', ttlMs: TTL_MS });
    const revision = await put(store, '/k', '1', session.id);
    await using watch = follow(store, '/', revision);
    await put(store, '/k', '2');
    await until('its watch works', () => watch.events.length > 0);
    const wrong = await openEtcdStore({ ...shared, password: 'wrong-password' }).then(
      () => assert.fail('it was let in'),
      (error: Error & { code: string }) => error,
    );
    assert.equal(wrong.code, 'ONEUP_STORE_DENIED');
    assert.ok(!`${wrong.message}${wrong.stack}${String(wrong.cause)}`.includes('wrong-password'));
    const denied = { code: 'ONEUP_STORE_DENIED' };
    await assert.rejects(openEtcdStore({ ...shared, username: null, password: null }), denied);
    await assert.rejects(openEtcdStore({ ...shared, namespace: '/test/other/' }), denied);
  });

  test('over TLS with the right authority and name, and with no other', async () => {
    const authority = createAuthority();
    const { cert, key } = authority.certify(['DNS:etcd.example.com']);
    const directory = mkdtempSync(join(tmpdir(), 'oneup-etcd-tls-'));
    try {
      writeFileSync(join(directory, 'cert.pem'), cert);
      writeFileSync(join(directory, 'key.pem'), key, { mode: 0o600 });
      const files = ['--cert-file', join(directory, 'cert.pem'), '--key-file', join(directory, 'key.pem')];
      // What the members need to speak to themselves, as the gateway of each does.
      const peer = ['--listen-metrics-urls', urlOf((await freePorts(1))[0] ?? 0)];
      const health = `${peer[1]}/health`;
      await using etcd = await startEtcd({
        scheme: 'https',
        args: [...files, ...peer],
        isReady: async () => (await fetch(health)).ok,
      });
      const tls = { ca: authority.ca, cert: null, key: null, serverName: 'etcd.example.com' };
      await using store = await openEtcdStore(options(etcd.endpoints, { tls }));
      await put(store, '/k', '1');
      assert.equal((await mustGet(store, '/k')).value, '1');
      const refused = { code: 'ONEUP_STORE_UNREACHABLE', message: /certificate|altnames/i };
      await assert.rejects(openEtcdStore(options(etcd.endpoints, { tls: { ...tls, serverName: null } })), refused);
      const stranger = createAuthority().ca;
      await assert.rejects(openEtcdStore(options(etcd.endpoints, { tls: { ...tls, ca: stranger } })), refused);
      await assert.rejects(openEtcdStore(options(etcd.endpoints)), refused);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  test("with etcd's own limits small commits work, and a large one names the setting to raise", async () => {
    await using etcd = await startEtcd({ hasOwnLimits: true });
    await using store = await openEtcdStore(options(etcd.endpoints));
    const writes = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ kind: 'put', key: `/k/${index}`, value: '1' }) as const);
    assert.equal((await commit(store, { writes: writes(100) })).kind, 'committed');
    await assert.rejects(commit(store, { writes: writes(200) }), (error: Error & { code: string; remedy: string }) => {
      assert.equal(error.code, 'ONEUP_STORE_LIMIT');
      assert.match(error.remedy, /--max-txn-ops/);
      return true;
    });
    const large = [0, 1].map((n) => ({ kind: 'put', key: `/large/${n}`, value: 'x'.repeat(1024 * 1024) }) as const);
    await assert.rejects(commit(store, { writes: large }), { code: 'ONEUP_STORE_LIMIT' });
    assert.equal((await store.list('/k/')).entries.length, 100);
  });

  test('a full disk stops writes and says so; reading goes on', async () => {
    await using etcd = await startEtcd({ args: ['--quota-backend-bytes', String(16 * 1024 * 1024)] });
    await using store = await openEtcdStore(options(etcd.endpoints));
    await put(store, '/k', '1');
    const fill = async () => {
      for (let at = 0; at < 64; at += 1) await put(store, '/fill', `${at}`.padEnd(1024 * 1024, 'x'));
    };
    await assert.rejects(fill(), { code: 'ONEUP_STORE_FULL' });
    assert.equal(store.health().kind, 'lost');
    assert.equal((await mustGet(store, '/k')).value, '1');
  });

  test('a server that is no etcd gets a clear error, whatever it answers', async () => {
    const answers = ['', 'hello', '{}', '[1]', '{"responses": 7}', '{"header":{"revision":"x"}}', '{"header":null}'];
    let at = 0;
    const server = createServer((_request, response) => response.end(answers[at]));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const endpoint = urlOf(typeof address === 'object' ? (address?.port ?? 0) : 0);
    try {
      for (at = 0; at < answers.length; at += 1) {
        await assert.rejects(
          openEtcdStore(options([endpoint])),
          { code: 'ONEUP_STORE_UNREACHABLE', message: /etcd/ },
          answers[at],
        );
      }
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe('three members of etcd', () => {
  test('members are killed one after the other under load: nothing that was acknowledged is lost or done twice', async () => {
    await using etcd = await startEtcd({ members: 3 });
    await using store = await openEtcdStore(options(etcd.endpoints, { callTimeoutMs: 3_000 }));
    await put(store, '/n', '0');
    const session = await store.openSession({ id: 's', ttlMs: 10_000 });
    let [done, stop] = [0, false];
    const load = (async () => {
      while (!stop) done += await incrementOnce(store);
    })();
    for (const member of [...etcd.members, ...etcd.members]) {
      await sleep(700);
      await member.kill();
      await sleep(700);
      await member.start();
    }
    stop = true;
    await load;
    assert.equal(Number((await mustGet(store, '/n')).value), done);
    assert.ok(done > 20, `${done} increments`);
    assert.ok(session.mayActUntilBootMs() > clock.bootMs(), 'a session outlives the loss of single members');
  });

  test('without a majority nothing is read or written, and nothing expires', async () => {
    await using etcd = await startEtcd({ members: 3 });
    const shared = options(etcd.endpoints);
    await using store = await openEtcdStore(shared);
    await using other = await openEtcdStore(shared);
    const session = await store.openSession({ id: 's', ttlMs: 60_000 });
    await put(store, '/k', '1', session.id);
    await Promise.all(etcd.members.slice(1).map((member) => member.kill()));
    await assert.rejects(other.get('/k'), { code: 'ONEUP_STORE_UNREACHABLE' });
    assert.notEqual((await commit(other, { writes: [] }).catch(() => ({ kind: 'thrown' }))).kind, 'committed');
    await until('health says lost', () => other.health().kind === 'lost');
    await Promise.all(etcd.members.slice(1).map((member) => member.start()));
    await until('it answers', () =>
      other.get('/k').then(
        (entry) => entry !== null,
        () => false,
      ),
    );
    assert.ok(session.mayActUntilBootMs() > clock.bootMs());
  });
});

/** Adds one if nothing comes in between. A doubt is settled by the next guarded commit on the same record (S8). */
async function incrementOnce(store: Store): Promise<number> {
  const before = await store.get('/n').catch(() => null);
  if (before === null) return 0;
  const { value, version } = before;
  const write = (text: string) =>
    commit(store, {
      guards: [{ kind: 'version', key: '/n', version }],
      writes: [{ kind: 'put', key: '/n', value: text }],
    }).catch(() => null);
  const next = String(Number(value) + 1);
  const result = await write(next);
  if (result === null) return 0;
  if (result.kind !== 'unknown') return result.kind === 'committed' ? 1 : 0;
  for (;;) {
    const found = await store.get('/n').catch(() => null);
    if (found?.value === next) return 1;
    if (found !== null && found.version !== version) return 0;
    await write(value);
  }
}
