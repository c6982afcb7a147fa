// Old operations are forgotten with their journals; the newest stay.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storeKeys } from '../../../src/base/store-keys.ts';
import { pruneHistory } from '../../../src/cli/retention.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { put } from '../../support/store-calls.ts';

test('pruneHistory keeps the newest 200 operations of a service, and nothing else is touched', async () => {
  const store = new MemoryStoreWorld().connect({ clock: createFakeClock(), bounds: { rho: 0.01, marginMs: 100 } });
  const keys = storeKeys('test');
  for (let index = 0; index < 205; index += 1) {
    const opId = `op-${String(index).padStart(3, '0')}`;
    await put(store, keys.journalEntry('web', opId, 1), 'entry');
    await put(store, keys.history('web', opId), 'ended');
  }
  await put(store, keys.history('db', 'op-000'), 'of another service');
  assert.equal(await pruneHistory({ store, keys }, 'web'), 5);
  const left = (await store.list(keys.histories('web'))).entries;
  assert.equal(left.length, 200);
  assert.equal(await store.get(keys.history('web', 'op-004')), null);
  assert.equal(await store.get(keys.journalEntry('web', 'op-004', 1)), null);
  assert.notEqual(await store.get(keys.journalEntry('web', 'op-005', 1)), null);
  assert.notEqual(await store.get(keys.history('db', 'op-000')), null);
  assert.equal(await pruneHistory({ store, keys }, 'web'), 0, 'a second run finds nothing to do');
});
