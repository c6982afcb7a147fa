// `oneup recover` asks everybody that the file at hand or the record in force lists, and says where the two differ (S4, S7).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storeKeys } from '../../../src/base/store-keys.ts';
import { recoverScope } from '../../../src/cli/recover-scope.ts';
import { loadConfigText } from '../../../src/config/load.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { THREE_OF_FOUR, testConfigText } from '../../support/prober-world.ts';
import { put } from '../../support/store-calls.ts';

/** Need not exist: only what it says is looked at. */
const FILE = 'oneup.yaml';
const NODE_B = ['      - { id: b, address: 192.0.2.2, priority: 2 }\n', ''] as const;

async function scopeOf({ file, record }: { readonly file: string; readonly record: string | null }) {
  const store = new MemoryStoreWorld().connect({ clock: createFakeClock(), bounds: { rho: 0.01, marginMs: 100 } });
  if (record !== null) await put(store, storeKeys('test').config, record);
  const loaded = loadConfigText(file, FILE);
  assert.ok(loaded.ok);
  const { config, inForce, differs } = await recoverScope(store, loaded.value, FILE);
  return {
    probers: config.cluster.probers.map(({ id }) => id),
    nodes: inForce.services.flatMap(({ nodes }) => nodes.map(({ id }) => id)),
    differs,
  };
}

test('a prober that only the record lists is asked too, and it is said what the file does not know', async () => {
  const file = testConfigText(NODE_B);
  const { probers, nodes, differs } = await scopeOf({ file, record: testConfigText(...THREE_OF_FOUR) });
  assert.deepEqual(probers, ['p1', 'p2', 'p3', 'p4']);
  assert.deepEqual(nodes, ['a', 'b'], 'the record stays in force');
  assert.deepEqual(differs, ['only the configuration in force lists prober p4, node b of web']);
});

test('a prober that only the file lists is asked too', async () => {
  const scope = await scopeOf({ file: testConfigText(...THREE_OF_FOUR), record: testConfigText() });
  assert.deepEqual(scope.probers, ['p1', 'p2', 'p3', 'p4']);
  assert.deepEqual(scope.differs, ['only the file lists prober p4']);
});

test('nothing differs where the file is the record, or where there is none', async () => {
  const file = testConfigText();
  for (const record of [file, null]) assert.deepEqual((await scopeOf({ file, record })).differs, []);
});

test('a record that cannot be loaded here could list anybody, so it is refused', async () => {
  const record = testConfigText(['references: []', 'references: ["tcp://${env:ONEUP_NOT_SET_ANYWHERE}:53"]']);
  await assert.rejects(scopeOf({ file: testConfigText(), record }), {
    code: 'ONEUP_REFUSED',
    message: /S7\.cannot-load: .*ONEUP_NOT_SET_ANYWHERE/s,
  });
});
