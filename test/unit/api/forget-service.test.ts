// A service that is configured is never forgotten; one that is not leaves nothing, and its neighbours stay.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiSource } from '../../../src/api/api-source.ts';
import { forgetService } from '../../../src/api/forget-service.ts';
import { err, ok } from '../../../src/base/result.ts';
import { storeKeys } from '../../../src/base/store-keys.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { testConfig } from '../../support/prober-world.ts';
import { put } from '../../support/store-calls.ts';

const CANNOT_LOAD = 'a record for a newer release';

/** `inForce`: what the record says; the prober that is asked runs with `testConfig()`. */
function world(inForce = testConfig()) {
  const clock = createFakeClock();
  const store = new MemoryStoreWorld().connect({ clock, bounds: { rho: 0.01, marginMs: 100 } });
  const keys = storeKeys('test');
  const source = {
    config: testConfig(),
    keys,
    store,
    clock,
    uniqueId: () => crypto.randomUUID(),
    loadText: (text: string) => (text === CANNOT_LOAD ? err('EXTRA_HOST is not set') : ok(inForce)),
  } as unknown as ApiSource;
  return { store, keys, source };
}

test('every record of a service that is gone from the configuration goes but for its numbers, and no other', async () => {
  const { store, keys, source } = world();
  await put(store, keys.config, 'cluster: {}');
  const old = [keys.service('old'), keys.grant('old'), keys.operation('old'), keys.tail('old')];
  for (const key of [...old, keys.breadcrumb('old', 'a'), keys.history('old', 'x')]) await put(store, key, '{}');
  for (let seq = 0; seq < 250; seq += 1) await put(store, keys.journalEntry('old', 'x', seq), '{}');
  const kept = [
    keys.config,
    keys.service('old'),
    keys.service('older'),
    keys.journalEntry('older', 'x', 1),
    keys.service('web'),
  ].sort();
  for (const key of kept.filter((other) => other !== keys.config)) await put(store, key, '{}');
  assert.deepEqual(await forgetService(source, { service: 'old' }), {
    status: 200,
    body: { service: 'old', records: 256, names: [] },
  });
  assert.deepEqual(
    (await store.list('')).entries.map(({ key }) => key),
    kept,
  );
  assert.deepEqual((await forgetService(source, { service: 'old' })).body, { service: 'old', records: 0, names: [] });
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

test('what is in force is read from the record itself, and without that nothing is forgotten (S7)', async () => {
  const [web] = testConfig().services;
  assert.ok(web !== undefined);
  const { store, keys, source } = world({ ...testConfig(), services: [{ ...web, id: 'db' }] });
  for (const key of [keys.service('db'), keys.operation('db'), keys.service('web')]) await put(store, key, '{}');
  await put(store, keys.config, CANNOT_LOAD);
  const refused = { code: 'ONEUP_REFUSED', message: /S7\.cannot-load.*EXTRA_HOST is not set/ };
  await assert.rejects(forgetService(source, { service: 'db' }), refused);
  await assert.rejects(forgetService(source, { service: 'gone' }), refused);
  await put(store, keys.config, 'cluster: {}');
  await assert.rejects(forgetService(source, { service: 'db' }), { message: /S7\.in-force/ });
  assert.ok(await store.get(keys.operation('db')));
  assert.deepEqual((await forgetService(source, { service: 'web' })).body, { service: 'web', records: 1, names: [] });
});

test('a name that is answered goes by an explicit word only, with its serial raised, and its neighbours stay (S28)', async () => {
  const { store, keys, source } = world();
  await put(store, keys.config, 'cluster: {}');
  const at = (name: string, type: string) => keys.zoneRrset('z.', name, type);
  const rrset = (value: string) => JSON.stringify({ values: [value], ttlSeconds: 5, epoch: 2, seq: 3 });
  const owned = (service: string) => rrset(`"oneup1 cluster=test service=${service} generation=1 epoch=2 seq=3"`);
  for (const service of ['old', 'older']) {
    await put(store, at(`${service}.z.`, 'A'), rrset('192.0.2.1'));
    await put(store, at(`_oneup.${service}.z.`, 'TXT'), owned(service));
  }
  await put(store, at('broken.z.', 'TXT'), '{');
  await put(store, keys.zoneSerial('z.'), '9');
  await put(store, keys.service('old'), '{}');
  await assert.rejects(forgetService(source, { service: 'old' }), {
    code: 'ONEUP_REFUSED',
    message: /S7\.record-published: DNS still answers for old\.z\./,
  });
  assert.ok(await store.get(keys.service('old')), 'nothing was forgotten');
  const { body } = await forgetService(source, { service: 'old', removeRecord: true });
  assert.deepEqual(body, { service: 'old', records: 1, names: ['old.z.'] });
  const left = (await store.list(keys.zone('z.'))).entries.map(({ key, value }) => [
    key,
    value.length < 3 ? value : '',
  ]);
  assert.deepEqual(left, [
    [at('_oneup.older.z.', 'TXT'), ''],
    [at('broken.z.', 'TXT'), '{'],
    [at('older.z.', 'A'), ''],
    [keys.zoneSerial('z.'), '10'],
  ]);
});

test('the numbers above which its id would begin again stay, and a repeat leaves them as they are (S12, S26)', async () => {
  const { store, keys, source } = world();
  await put(store, keys.config, 'cluster: {}');
  const dns = { confirmed: null, pending: null, unconfirmed: [], seq: 90 };
  await put(store, keys.service('old'), JSON.stringify({ epoch: 40, step: 7, crumbVersion: 12, active: 'a', dns }));
  const forgetTwice = async () => {
    await forgetService(source, { service: 'old' });
    await forgetService(source, { service: 'old' });
    return JSON.parse((await store.get(keys.service('old')))?.value ?? '') as Record<string, unknown>;
  };
  const { forgotten, epoch, step, crumbVersion, active, dns: left } = await forgetTwice();
  assert.deepEqual([forgotten, epoch, step, crumbVersion, active, left], [true, 40, 7, 12, null, dns]);
  await put(store, keys.service('old'), '{"epoch":');
  assert.deepEqual(await forgetTwice(), { forgotten: true, epoch: null, active: null }, 'nobody knows them');
});

test('what a provider outside may still answer is forgotten by an explicit word only (S26)', async () => {
  const { store, keys, source } = world();
  await put(store, keys.config, 'cluster: {}');
  const write = { node: 'a', level: 'steady', epoch: 2, seq: 3 };
  const nothing = { confirmed: null, pending: null, unconfirmed: [], seq: 3 };
  for (const dns of [{ confirmed: write }, { pending: write }, { unconfirmed: [write] }]) {
    const text = JSON.stringify({ epoch: 2, step: 1, crumbVersion: 1, dns: { ...nothing, ...dns } });
    await put(store, keys.service('old'), text);
    for (const removeRecord of [false, true]) {
      await assert.rejects(forgetService(source, { service: 'old', removeRecord }), {
        code: 'ONEUP_REFUSED',
        message: /S7\.record-published: its DNS provider may still answer/,
        remedy: /--record-removed/,
      });
    }
    assert.equal((await store.get(keys.service('old')))?.value, text, 'nothing was forgotten');
    const { body } = await forgetService(source, { service: 'old', recordRemoved: true });
    assert.deepEqual(body, { service: 'old', records: 1, names: [] });
  }
});
