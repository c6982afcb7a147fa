// When a configuration may not replace the one in force, and that the guards hold what was looked at (S7).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiSource } from '../../../src/api/api-source.ts';
import { storeKeys } from '../../../src/base/store-keys.ts';
import { lookBeforeReload } from '../../../src/cli/look-before-reload.ts';
import type { Config } from '../../../src/config/config.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { testConfig } from '../../support/prober-world.ts';
import { put } from '../../support/store-calls.ts';

const keys = storeKeys('test');
const DOWN = JSON.stringify({ kind: 'down', version: 3, how: 'stopped', wallMs: 1, revision: 1 });
const MAYBE = JSON.stringify({ kind: 'maybe', version: 3, epoch: 1 });
const ADDRESS_B = ['address: 192.0.2.2', 'address: 192.0.2.77'] as const;
const NODE_B = ['      - { id: b, address: 192.0.2.2, priority: 2 }\n', ''] as const;

function open() {
  const clock = createFakeClock();
  const store = new MemoryStoreWorld().connect({ clock, bounds: { rho: 0.01, marginMs: 100 } });
  const source = { store, keys, config: testConfig(), clock } as unknown as ApiSource;
  return { store, look: (next: Config) => lookBeforeReload(source, next) };
}

test('a reload waits for a running operation, and an operation that begins meanwhile refuses the reload', async () => {
  const { store, look } = open();
  const free = await look(testConfig());
  assert.equal(free.kind, 'free');
  await put(store, keys.operation('web'), '{}');
  const write = { kind: 'put', key: keys.config, value: 'new' } as const;
  const late = await store.commit({ guards: free.kind === 'free' ? free.guards : [], writes: [write], token: 't' });
  assert.equal(late.kind, 'conflict');
  const busy = await look(testConfig());
  assert.equal(busy.kind === 'refused' && busy.rule, 'S7.operation-running');
});

test('a node that may run can neither be removed nor moved to another address', async () => {
  for (const change of [NODE_B, ADDRESS_B]) {
    const { store, look } = open();
    await put(store, keys.breadcrumb('web', 'b'), MAYBE);
    const refused = await look(testConfig(change));
    assert.equal(refused.kind === 'refused' && refused.rule, 'S7.node-may-run', change[1]);
    await put(store, keys.breadcrumb('web', 'b'), DOWN);
    const free = await look(testConfig(change));
    const gone = [{ kind: 'delete', key: keys.breadcrumb('web', 'b') }];
    assert.deepEqual(free.kind === 'free' && free.writes, gone, 'what comes back under its name is new');
    await put(store, keys.service('web'), JSON.stringify({ dns: { confirmed: { node: 'b' } } }));
    const published = await look(testConfig(change));
    assert.equal(published.kind === 'refused' && published.rule, 'S7.node-published');
  }
});

test('a grant between the look and the commit makes the commit fail', async () => {
  const { store, look } = open();
  await put(store, keys.breadcrumb('web', 'b'), DOWN);
  const free = await look(testConfig(NODE_B));
  assert.ok(free.kind === 'free');
  await put(store, keys.breadcrumb('web', 'b'), MAYBE);
  const write = { kind: 'put', key: keys.config, value: 'new' } as const;
  assert.equal((await store.commit({ guards: free.guards, writes: [write], token: 't' })).kind, 'conflict');
});

test('what a running cluster stands on cannot be reloaded', async () => {
  const { look } = open();
  const moved = await look(testConfig(['path: var/test.db', 'path: var/other.db']));
  assert.equal(moved.kind === 'refused' && moved.rule, 'S7.fixed');
});

test('a service that ran in several places becomes exclusive in maintenance only', async () => {
  const clock = createFakeClock();
  const store = new MemoryStoreWorld().connect({ clock, bounds: { rho: 0.01, marginMs: 100 } });
  const [service, ...others] = testConfig().services;
  assert.ok(service !== undefined);
  const before = { ...testConfig(), services: [{ ...service, exclusive: false }, ...others] };
  const source = { store, keys, config: before, clock } as unknown as ApiSource;
  const refused = await lookBeforeReload(source, testConfig());
  assert.equal(refused.kind === 'refused' && refused.rule, 'S7.becomes-exclusive');
  await put(store, keys.service(service.id), JSON.stringify({ maintenance: { reason: 'x' } }));
  assert.equal((await lookBeforeReload(source, testConfig())).kind, 'free');
});
