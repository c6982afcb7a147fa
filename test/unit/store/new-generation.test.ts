// `recover` and `init --force` begin a generation above all that was seen, which somebody else's change defeats,
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
  // Who held the last one may still be ending what it does, and is waited for (S9).
  const term = JSON.parse((await mustGet(store, '/oneup/prod/term')).value);
  assert.deepEqual(term, { term: 31, holder: 'p1', state: 'held', ttlMs: 1 });
  assert.equal(JSON.parse((await mustGet(store, '/oneup/prod/service/web')).value).epoch, 10);
  assert.equal(isOtherGeneration(JSON.stringify(record), before), true);
  assert.equal(isOtherGeneration(JSON.stringify(record), record), false);
});

test('what agents have said that it is behind of counts too, once, and what cannot be read does not', async () => {
  await using store = await restored();
  await put(store, '/oneup/prod/ahead/n1', '7');
  await put(store, '/oneup/prod/ahead/n2', 'rubbish');
  assert.equal((await recoverCluster(store, LOST)).generation.number, 8);
  assert.deepEqual((await store.list('/oneup/prod/ahead/')).entries, []);
});

test('what somebody asked for when the backup was made is not done in the new generation', async () => {
  await using store = await restored();
  await put(store, '/oneup/prod/request/web/r1', '{}');
  await recoverCluster(store, LOST);
  assert.deepEqual((await store.list('/oneup/prod/request/')).entries, []);
});

test('what the store itself shows counts as well', async () => {
  await using store = await restored();
  const record = await recoverCluster(store, { ...LOST, highestGeneration: 0, highestTerm: 0, epochs: new Map() });
  assert.equal(record.generation.number, 2);
  assert.equal(JSON.parse((await mustGet(store, '/oneup/prod/term')).value).term, 13);
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
      dns: { confirmed: null, pending: null, unconfirmed: [], seq: 4, wasPublished: true },
      scheduled: null,
    },
  );
  assert.deepEqual({ failed, frozen }, { failed: { b: { why: 'disk' } }, frozen: { reason: 'audit' } });
  assert.ok(await store.get('/oneup/prod/history/web/1'));
});

test('no proof, grant or operation outlives the generation, whatever the file at hand lists (S4)', async () => {
  await using store = await restored();
  const down = JSON.stringify({ kind: 'down', version: 3, how: 'stop acknowledged', wallMs: 1, revision: 1 });
  for (const key of ['breadcrumb/web/c', 'breadcrumb/db/x']) await put(store, `/oneup/prod/${key}`, down);
  for (const key of ['grant/db', 'op/db', 'tail/old']) await put(store, `/oneup/prod/${key}`, '{}');
  await put(store, '/oneup/prod/service/db', JSON.stringify({ epoch: 3, active: 'y', scheduled: { to: 'x' } }));
  await recoverCluster(store, LOST);
  for (const key of ['grant/db', 'op/db', 'tail/old']) assert.equal(await store.get(`/oneup/prod/${key}`), null, key);
  const crumbs = (await store.list('/oneup/prod/breadcrumb/')).entries.map(({ key, value }) => [
    key,
    JSON.parse(value),
  ]);
  assert.deepEqual(
    crumbs.map(([key, { kind }]) => `${key.slice('/oneup/prod/breadcrumb/'.length)} ${kind}`),
    ['db/x unknown', 'web/a unknown', 'web/b unknown', 'web/c unknown'],
  );
  const { epoch, active, scheduled } = JSON.parse((await mustGet(store, '/oneup/prod/service/db')).value);
  assert.deepEqual({ epoch, active, scheduled }, { epoch: 4, active: null, scheduled: null });
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
  // S4: what nodes remember of the old cluster stays below.
  const above = { epochs: new Map([['web', 4]]), recordAbove: (epoch: number) => `above ${epoch}` };
  await put(store, '/oneup/prod/service/web', JSON.stringify({ epoch: 6 }));
  await put(store, '/oneup/prod/service/gone', JSON.stringify({ epoch: 9 }));
  await overwriteCluster(store, { ...PROD, above });
  assert.equal((await mustGet(store, '/oneup/prod/service/web')).value, 'above 6');
  assert.equal(await store.get('/oneup/prod/service/gone'), null);
  assert.ok(await store.get('/oneup/other/meta'), 'another cluster is left alone');
  const term = JSON.parse((await mustGet(store, '/oneup/prod/term')).value);
  assert.deepEqual(term, { term: 0, holder: 'p1', state: 'held', ttlMs: 1 });
  await assert.rejects(overwriteCluster(open(), PROD), { code: 'ONEUP_STORE_NOT_INITIALISED' });
});

test('nothing is believed of what a second provider holds, and its numbers go on (S4, S26)', async () => {
  await using store = await restored();
  const key = '/oneup/prod/service/web';
  const record = JSON.parse((await mustGet(store, key)).value);
  const second = { dns: { ...record.dns, seq: 41 }, dnsProblem: { rule: 'dns.write-failed' } };
  await put(store, key, JSON.stringify({ ...record, seconds: { 'far example.com.': second } }));
  await recoverCluster(store, LOST);
  const { seconds } = JSON.parse((await mustGet(store, key)).value);
  const dns = { confirmed: null, pending: null, unconfirmed: [], seq: 41, wasPublished: true };
  assert.deepEqual(seconds, { 'far example.com.': { dns, dnsProblem: null } });
});
