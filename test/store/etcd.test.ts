// One member of etcd as it fails: it dies or stands still, answers get lost, history is compacted; and what others write beside.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { openEtcdStore } from '../../src/store/etcd/open-etcd-store.ts';
import { CALL_TIMEOUT_MS, clock, etcdOptions, portOf, TTL_MS, until, urlOf } from '../support/etcd-options.ts';
import { startFaultyLink } from '../support/faulty-link.ts';
import { askEtcd, type EtcdServers, startEtcd } from '../support/servers/etcd-server.ts';
import { freePorts } from '../support/servers/free-port.ts';
import { commit, follow, mustGet, put, putIsTold } from '../support/store-calls.ts';

/** Far above the limit of a call, far below a call that has none. */
const IN_TIME_MS = 60_000;

describe('one member of etcd', () => {
  let etcd: EtcdServers;
  before(async () => {
    etcd = await startEtcd();
  });
  after(() => etcd[Symbol.asyncDispose]());

  test('an endpoint that is dead costs nothing while another answers', async () => {
    const [dead = 0] = await freePorts(1);
    await using store = await openEtcdStore(etcdOptions([urlOf(dead), ...etcd.endpoints]));
    await put(store, '/k', '1');
    assert.equal((await mustGet(store, '/k')).value, '1');
  });

  test('a member that stands still: calls end in time, sessions at their deadline, and all goes on afterwards', async () => {
    const shared = etcdOptions(etcd.endpoints, { callTimeoutMs: CALL_TIMEOUT_MS });
    await using store = await openEtcdStore(shared);
    const session = await store.openSession({ id: 's', ttlMs: TTL_MS });
    const revision = await put(store, '/k', '1', session.id);
    await using watch = follow(store, '/', revision);
    const [member] = etcd.members;
    member?.setStopped(true);
    try {
      const began = performance.now();
      await assert.rejects(store.get('/k'), { code: 'ONEUP_STORE_UNREACHABLE' });
      assert.ok(performance.now() - began < IN_TIME_MS);
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
    await until('the watch goes on', () => putIsTold(store, watch, '/after'));
  });

  test('an answer that is lost leaves a doubt, which the token settles; another endpoint settles it at once', async () => {
    await using link = await startFaultyLink({ host: '127.0.0.1', port: portOf(etcd.endpoints[0] ?? '') });
    const shared = etcdOptions([urlOf(link.port)]);
    await using store = await openEtcdStore(shared);
    await put(store, '/k', '0');
    link.set('answersLost');
    const token = randomUUID();
    const result = await store.commit({ guards: [], writes: [{ kind: 'put', key: '/k', value: '1' }], token });
    assert.equal(result.kind, 'unknown');
    link.set('none');
    await until('the token settles it', async () => (await store.outcomeOf(token).catch(() => null)) === 'committed');
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
    const shared = etcdOptions([urlOf(link.port), ...etcd.endpoints], { callTimeoutMs: CALL_TIMEOUT_MS });
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
    const shared = etcdOptions([urlOf(link.port)]);
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
    await until('it goes on', () => putIsTold(writer, watch, '/after'));
  });

  test('two clusters in one etcd do not see each other, nor what others write', async () => {
    await using one = await openEtcdStore(etcdOptions(etcd.endpoints));
    await using other = await openEtcdStore(etcdOptions(etcd.endpoints));
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
    await using store = await openEtcdStore(etcdOptions(etcd.endpoints));
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
    const shared = etcdOptions(etcd.endpoints);
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
    const shared = etcdOptions(etcd.endpoints);
    await using store = await openEtcdStore(shared);
    await put(store, '/k', '1');
    const key = Buffer.from(`${shared.namespace}k//strange`).toString('base64');
    await askEtcd(etcd.endpoints[0] ?? '', '/v3/kv/put', { key, value: Buffer.from('no session').toString('base64') });
    await assert.rejects(store.get('/strange'), { code: 'ONEUP_STORE_CORRUPT', message: /strange/ });
    await assert.rejects(openEtcdStore(shared), { code: 'ONEUP_STORE_CORRUPT' });
    assert.equal((await mustGet(store, '/k')).value, '1');
  });
});
