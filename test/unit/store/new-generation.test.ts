// `recover` and `init --force` begin a generation above all that was seen, in one commit that somebody else's change defeats,
// and believe nothing about what runs (S4).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialiseCluster, isOtherGeneration, readMeta } from '../../../src/store/cluster-record.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { overwriteCluster } from '../../../src/store/overwrite-cluster.ts';
import { recoverCluster } from '../../../src/store/recover-cluster.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { mustGet, put } from '../../support/store-calls.ts';

const BOUNDS = { rho: 0.01, marginMs: 100 };
const SERVICES = [{ id: 'web', nodes: ['a', 'b'] }];
const PROD = { cluster: 'prod', configText: 'cluster: { name: prod }', services: SERVICES, highestSeen: 0 };
const LOST = {
  cluster: 'prod',
  services: SERVICES,
  highestGeneration: 4,
  highestTerm: 30,
  epochs: new Map([['web', 9]]),
};

const open = () => new MemoryStoreWorld().connect({ clock: createFakeClock(), bounds: BOUNDS });

async function restored() {
  const store = open();
  await initialiseCluster(store, PROD);
  const record = {
    epoch: 6,
    active: 'a',
    dns: { confirmed: { node: 'a', epoch: 6, seq: 3 }, pending: null, unconfirmed: [{ seq: 4 }], seq: 4 },
    failed: { b: { why: 'disk' } },
    maintenance: null,
    frozen: { reason: 'audit' },
    scheduled: { to: 'b' },
  };
  await put(store, '/oneup/prod/service/web', JSON.stringify(record));
  await put(store, '/oneup/prod/term', JSON.stringify({ term: 12, holder: 'p1', state: 'held', ttlMs: 1 }));
  await put(store, '/oneup/prod/breadcrumb/web/a', JSON.stringify({ kind: 'maybe', version: 5, epoch: 6 }));
  await put(store, '/oneup/prod/breadcrumb/web/b', JSON.stringify({ kind: 'down', version: 3 }));
  for (const key of ['grant/web', 'op/web', 'tail/web', 'controller']) await put(store, `/oneup/prod/${key}`, '{}');
  await put(store, '/oneup/prod/history/web/1', '{"kept":true}');
  return store;
}

test('recover is above the highest generation, term and epochs, wherever they were found', async () => {
  await using store = await restored();
  const before = await readMeta(store, 'prod');
  const record = await recoverCluster(store, LOST);
  assert.equal(record.generation.number, 5);
  assert.notEqual(record.generation.id, before.generation.id);
  assert.deepEqual(await readMeta(store, 'prod'), record);
  assert.equal((await mustGet(store, '/oneup/prod/term')).value, '31');
  assert.equal(JSON.parse((await mustGet(store, '/oneup/prod/service/web')).value).epoch, 10);
  assert.equal(isOtherGeneration(JSON.stringify(record), before), true);
  assert.equal(isOtherGeneration(JSON.stringify(record), record), false);
});

test('what the store itself shows counts as well', async () => {
  await using store = await restored();
  const record = await recoverCluster(store, { ...LOST, highestGeneration: 0, highestTerm: 0, epochs: new Map() });
  assert.equal(record.generation.number, 2);
  assert.equal((await mustGet(store, '/oneup/prod/term')).value, '13');
  assert.equal(JSON.parse((await mustGet(store, '/oneup/prod/service/web')).value).epoch, 7);
});

test('recover believes nothing about what runs, and keeps what people have decided', async () => {
  await using store = await restored();
  await recoverCluster(store, LOST);
  for (const key of ['grant/web', 'op/web', 'tail/web', 'controller']) {
    assert.equal(await store.get(`/oneup/prod/${key}`), null, key);
  }
  const crumbs = (await store.list('/oneup/prod/breadcrumb/')).entries.map(({ value }) => JSON.parse(value));
  assert.deepEqual(
    crumbs.map(({ kind, version }) => [kind, version]),
    [
      ['unknown', 6],
      ['unknown', 4],
    ],
  );
  const { active, dns, failed, frozen, scheduled } = JSON.parse(
    (await mustGet(store, '/oneup/prod/service/web')).value,
  );
  assert.deepEqual(
    { active, dns, scheduled },
    {
      active: null,
      dns: { confirmed: null, pending: null, unconfirmed: [], seq: 4 },
      scheduled: null,
    },
  );
  assert.deepEqual({ failed, frozen }, { failed: { b: { why: 'disk' } }, frozen: { reason: 'audit' } });
  assert.ok(await store.get('/oneup/prod/history/web/1'));
});

test('recover of a store without the cluster, or with a record that cannot be read, changes nothing', async () => {
  await using empty = open();
  await assert.rejects(recoverCluster(empty, LOST), { code: 'ONEUP_STORE_NOT_INITIALISED' });
  await using store = await restored();
  await put(store, '/oneup/prod/service/web', 'no JSON');
  const { revision } = await store.list('');
  await assert.rejects(recoverCluster(store, LOST), { code: 'ONEUP_STORE_CORRUPT', message: /service\/web/ });
  assert.equal((await store.list('')).revision, revision);
});

test('init --force leaves nothing of the old cluster, and is above it', async () => {
  await using store = await restored();
  for (let at = 0; at < 2_500; at += 1) await put(store, `/oneup/prod/journal/web/${at}`, '{}');
  await put(store, '/oneup/other/meta', '{}');
  const record = await overwriteCluster(store, { ...PROD, highestSeen: 7 });
  assert.equal(record.generation.number, 8);
  const { entries } = await store.list('/oneup/prod/');
  assert.deepEqual(
    entries.map(({ key }) => key.slice('/oneup/prod/'.length)),
    ['breadcrumb/web/a', 'breadcrumb/web/b', 'config/current', 'meta', 'term'],
  );
  assert.ok(await store.get('/oneup/other/meta'), 'another cluster is left alone');
  await assert.rejects(overwriteCluster(open(), PROD), { code: 'ONEUP_STORE_NOT_INITIALISED' });
});
