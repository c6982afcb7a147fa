// A service that is configured is never forgotten; one that is not leaves nothing, and its neighbours stay.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiSource } from '../../../src/api/api-source.ts';
import { forgetService } from '../../../src/api/forget-service.ts';
import { storeKeys } from '../../../src/base/store-keys.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { testConfig } from '../../support/prober-world.ts';
import { put } from '../../support/store-calls.ts';

function world() {
  const clock = createFakeClock();
  const store = new MemoryStoreWorld().connect({ clock, bounds: { rho: 0.01, marginMs: 100 } });
  const keys = storeKeys('test');
  const source = {
    config: testConfig(),
    keys,
    store,
    clock,
    uniqueId: () => crypto.randomUUID(),
  } as unknown as ApiSource;
  return { store, keys, source };
}

test('every record of a service that is gone from the configuration goes, and no other', async () => {
  const { store, keys, source } = world();
  await put(store, keys.config, 'cluster: {}');
  const old = [keys.service('old'), keys.grant('old'), keys.operation('old'), keys.tail('old')];
  for (const key of [...old, keys.breadcrumb('old', 'a'), keys.history('old', 'x')]) await put(store, key, '{}');
  for (let seq = 0; seq < 250; seq += 1) await put(store, keys.journalEntry('old', 'x', seq), '{}');
  const kept = [keys.config, keys.service('older'), keys.journalEntry('older', 'x', 1), keys.service('web')].sort();
  for (const key of kept.slice(1)) await put(store, key, '{}');
  assert.deepEqual(await forgetService(source, { service: 'old' }), {
    status: 200,
    body: { service: 'old', records: 256 },
  });
  assert.deepEqual(
    (await store.list('')).entries.map(({ key }) => key),
    kept,
  );
  assert.deepEqual((await forgetService(source, { service: 'old' })).body, { service: 'old', records: 0 });
});

test('what is in force is refused, and so is what is no id', async () => {
  const { store, keys, source } = world();
  await put(store, keys.service('web'), '{}');
  await assert.rejects(forgetService(source, { service: 'web' }), { code: 'ONEUP_REFUSED', message: /S7\.in-force/ });
  for (const service of ['', '../x', 'a/b', 'A', 7, undefined]) {
    await assert.rejects(forgetService(source, { service }), { code: 'ONEUP_USAGE' });
  }
  assert.ok(await store.get(keys.service('web')));
});
