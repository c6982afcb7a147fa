// `init` writes a cluster once and whole; readers refuse every store that is not theirs, each by its own name (S4).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialiseCluster, readMeta } from '../../../src/store/cluster-record.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { mustGet, put } from '../../support/store-calls.ts';

const BOUNDS = { rho: 0.01, marginMs: 100 };
const PROD = {
  cluster: 'prod',
  configText: 'cluster: { name: prod }',
  services: [
    { id: 'web', nodes: ['a', 'b'] },
    { id: 'db', nodes: ['a'] },
  ],
  highestSeen: 0,
};

test('initialiseCluster writes the record, term, configuration and unknown breadcrumbs together', async () => {
  await using store = new MemoryStoreWorld().connect({ clock: createFakeClock(), bounds: BOUNDS });
  const record = await initialiseCluster(store, PROD);
  const { entries } = await store.list('');
  assert.deepEqual(
    entries.map(({ key }) => key),
    [
      '/oneup/prod/breadcrumb/db/a',
      '/oneup/prod/breadcrumb/web/a',
      '/oneup/prod/breadcrumb/web/b',
      '/oneup/prod/config/current',
      '/oneup/prod/meta',
      '/oneup/prod/term',
    ],
  );
  assert.equal(new Set(entries.map(({ version }) => version)).size, 1, 'one commit');
  assert.equal(JSON.parse((await mustGet(store, '/oneup/prod/breadcrumb/web/a')).value).kind, 'unknown');
  assert.equal((await mustGet(store, '/oneup/prod/term')).value, '0');
  assert.equal((await mustGet(store, '/oneup/prod/config/current')).value, PROD.configText);
  assert.deepEqual(await readMeta(store, 'prod'), record);
});

test('the generation is one above the highest found anywhere, with an id of its own (S4)', async () => {
  const ids = new Set<string>();
  for (const highestSeen of [0, 0, 41]) {
    await using store = new MemoryStoreWorld().connect({ clock: createFakeClock(), bounds: BOUNDS });
    const { generation } = await initialiseCluster(store, { ...PROD, highestSeen });
    assert.equal(generation.number, highestSeen + 1);
    ids.add(generation.id);
  }
  assert.equal(ids.size, 3);
});

test('initialiseCluster refuses a cluster that exists, and changes nothing', async () => {
  await using store = new MemoryStoreWorld().connect({ clock: createFakeClock(), bounds: BOUNDS });
  const record = await initialiseCluster(store, PROD);
  await put(store, '/oneup/prod/term', '7');
  await assert.rejects(initialiseCluster(store, PROD), { code: 'ONEUP_STORE_INITIALISED' });
  assert.deepEqual(await readMeta(store, 'prod'), record);
  assert.equal((await mustGet(store, '/oneup/prod/term')).value, '7');
});

test('initialiseCluster leaves another cluster of the same store alone', async () => {
  await using store = new MemoryStoreWorld().connect({ clock: createFakeClock(), bounds: BOUNDS });
  const prod = await initialiseCluster(store, PROD);
  await initialiseCluster(store, { ...PROD, cluster: 'test' });
  assert.deepEqual(await readMeta(store, 'prod'), prod);
});

for (const fate of ['writtenUnanswered', 'droppedUnanswered'] as const) {
  test(`initialiseCluster settles a commit that was ${fate}`, async () => {
    const faults = { fateOfCommit: () => fate };
    await using store = new MemoryStoreWorld().connect({ clock: createFakeClock(), bounds: BOUNDS, faults });
    const init = initialiseCluster(store, PROD);
    if (fate === 'droppedUnanswered') await assert.rejects(init, { code: 'ONEUP_STORE_LOST' });
    else assert.deepEqual(await init, await readMeta(store, 'prod'));
  });
}

const UNREADABLE = [
  { what: 'an empty store', code: 'ONEUP_STORE_NOT_INITIALISED', entries: {} },
  {
    what: 'keys without a record',
    code: 'ONEUP_STORE_NOT_INITIALISED',
    entries: { '/oneup/prod/term': '0', '/oneup/test/x/meta': '1' },
  },
  { what: 'a store of another cluster', code: 'ONEUP_STORE_FOREIGN', entries: { '/oneup/test/meta': '{}' } },
  {
    what: 'a record that names another cluster',
    code: 'ONEUP_STORE_FOREIGN',
    entries: { '/oneup/prod/meta': '{"cluster":"test","generation":{"number":1,"id":"x"},"schema":1}' },
  },
  {
    what: 'a record of a newer schema',
    code: 'ONEUP_STORE_NEWER',
    entries: { '/oneup/prod/meta': '{"schema":2,"something":"else"}' },
  },
  { what: 'a record that is no JSON', code: 'ONEUP_STORE_CORRUPT', entries: { '/oneup/prod/meta': '{"cluster"' } },
  { what: 'a record that is null', code: 'ONEUP_STORE_CORRUPT', entries: { '/oneup/prod/meta': 'null' } },
  {
    what: 'a record without a generation',
    code: 'ONEUP_STORE_CORRUPT',
    entries: { '/oneup/prod/meta': '{"cluster":"prod","schema":1}' },
  },
  {
    what: 'a generation of zero',
    code: 'ONEUP_STORE_CORRUPT',
    entries: { '/oneup/prod/meta': '{"cluster":"prod","generation":{"number":0,"id":"x"},"schema":1}' },
  },
];

for (const { what, code, entries } of UNREADABLE) {
  test(`readMeta refuses ${what} as ${code}`, async () => {
    await using store = new MemoryStoreWorld().connect({ clock: createFakeClock(), bounds: BOUNDS });
    for (const [key, value] of Object.entries(entries)) await put(store, key, value);
    await assert.rejects(readMeta(store, 'prod'), { code });
  });
}

test('initialiseCluster refuses a highest generation that is no whole number', async () => {
  await using store = new MemoryStoreWorld().connect({ clock: createFakeClock(), bounds: BOUNDS });
  for (const highestSeen of [-1, 0.5, Number.NaN, Number.MAX_SAFE_INTEGER]) {
    await assert.rejects(initialiseCluster(store, { ...PROD, highestSeen }), RangeError);
  }
  assert.deepEqual((await store.list('')).entries, []);
});
