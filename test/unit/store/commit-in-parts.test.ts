// Clusters larger than one commit: what is half written counts as nothing, is repeated, and nobody comes between.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { storeKeys } from '../../../src/base/store-keys.ts';
import type { Store } from '../../../src/ports/store.ts';
import { initialiseCluster, readMeta } from '../../../src/store/cluster-record.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { overwriteCluster } from '../../../src/store/overwrite-cluster.ts';
import { recoverCluster } from '../../../src/store/recover-cluster.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { put } from '../../support/store-calls.ts';

const keys = storeKeys('test');
const services = Array.from({ length: 2_500 }, (_, at) => ({ id: `s${at}`, nodes: ['a', 'b'] }));
const CLUSTER = { cluster: 'test', configText: 'x', services, highestSeen: 0 };
const RECOVERY = { cluster: 'test', services, highestGeneration: 0, highestTerm: 0, epochs: new Map() };

/** A store that does `between` before its commit number `at`, and loses that one where it throws. */
function open(
  at = 0,
  between: (store: Store) => Promise<void> = async () => {},
): { store: Store; commits: () => number } {
  const store = new MemoryStoreWorld().connect({ clock: createFakeClock(), bounds: { rho: 0.01, marginMs: 100 } });
  const inner = store.commit.bind(store);
  let commits = 0;
  const commit: Store['commit'] = async (request) => {
    commits += 1;
    if (commits === at) await between(store);
    return inner(request);
  };
  Object.defineProperty(store, 'commit', { value: commit });
  return { store, commits: () => commits };
}

const dies = async () => {
  throw new Error('the process dies');
};

describe('init of 5,000 nodes', () => {
  test('ends with every breadcrumb, and the record last', async () => {
    const { store, commits } = open();
    await initialiseCluster(store, CLUSTER);
    assert.ok(commits() > 2);
    assert.equal((await store.list(`${keys.root}breadcrumb/`)).entries.length, 5_000);
    assert.equal((await readMeta(store, 'test')).generation.number, 1);
  });

  test('is no cluster while it is half written, and is repeated', async () => {
    const { store } = open(3, dies);
    await assert.rejects(initialiseCluster(store, CLUSTER), /the process dies/);
    await assert.rejects(readMeta(store, 'test'), { code: 'ONEUP_STORE_NOT_INITIALISED' });
    await initialiseCluster(store, CLUSTER);
    assert.equal((await readMeta(store, 'test')).generation.number, 1);
  });

  test('writes nothing into a cluster that somebody else has made meanwhile', async () => {
    const crumb = keys.breadcrumb('s2499', 'b');
    const { store } = open(3, async (other) => {
      await initialiseCluster(other, { ...CLUSTER, services: [] });
      await put(other, crumb, 'of a running cluster');
    });
    await assert.rejects(initialiseCluster(store, CLUSTER), { code: 'ONEUP_STORE_INITIALISED' });
    assert.equal((await store.get(crumb))?.value, 'of a running cluster');
  });

  test('overwrites one as large', async () => {
    const { store } = open();
    await initialiseCluster(store, CLUSTER);
    await put(store, keys.breadcrumb('s1', 'a'), '{"kind":"down"}');
    const { generation } = await overwriteCluster(store, CLUSTER);
    assert.equal(generation.number, 2);
    assert.match((await store.get(keys.breadcrumb('s1', 'a')))?.value ?? '', /unknown/);
  });
});

describe('recover of 5,000 nodes', () => {
  test('renews every service and raises the generation', async () => {
    const { store } = open();
    await initialiseCluster(store, CLUSTER);
    await put(store, keys.service('s7'), '{"epoch":4,"active":"a"}');
    await put(store, keys.grant('s7'), '{}');
    await put(store, keys.term, '9');
    assert.equal((await recoverCluster(store, RECOVERY)).generation.number, 2);
    assert.equal((await store.get(keys.grant('s7'))) ?? null, null);
    assert.match((await store.get(keys.service('s7')))?.value ?? '', /"epoch":5,"active":null/);
    assert.equal((await store.get(keys.term))?.value, '{"term":10}');
  });
});
