// A shot at a machine hits every service on it: the controller of all of them refuses a fence test there (S36).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storeKeys } from '../../../src/base/store-keys.ts';
import { startController } from '../../../src/controller/controller.ts';
import type { ControllerDeps } from '../../../src/controller/controller-deps.ts';
import { EMPTY_SERVICE_RECORD } from '../../../src/failover/service-state.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { startStoreMirror } from '../../../src/store/store-mirror.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { SILENT, testConfig } from '../../support/prober-world.ts';
import { put } from '../../support/store-calls.ts';

const OTHER = `  db:
    mode: active-passive
    record: { name: db.ha.example.com., provider: builtin }
    nodes: [{ id: a, address: 192.0.2.1, priority: 1 }, { id: b, address: 192.0.2.2, priority: 2 }]
    check: { tcp: "{address}:5432", interval: 1s, timeout: 500ms }
    actions: { start: { exec: { command: ["true"] } }, stop: { exec: { command: ["true"] } }, fence: [{ exec: { command: ["true"] }, confirmedByExit: true }] }
`;

test('a fence test is refused where the machine serves another service, which is named', async () => {
  const clock = createFakeClock();
  const keys = storeKeys('test');
  const store = new MemoryStoreWorld().connect({ clock, bounds: { rho: 0.01, marginMs: 100 } });
  const active = (node: string) => JSON.stringify({ ...EMPTY_SERVICE_RECORD, epoch: 1, active: node });
  await put(store, keys.service('web'), active('b'));
  await put(store, keys.service('db'), active('a'));
  const stop = new AbortController();
  const { signal } = stop;
  const view = startStoreMirror({ store, root: keys.root, clock, logger: SILENT, watchTimeoutMs: 30_000, signal });
  await clock.advance(50);
  let ids = 0;
  const ports = {
    alert: () => {},
    extendDeadline: () => {},
    driver: () => ({ act: () => new Promise(() => {}) }),
  };
  const deps = {
    ...{ id: 'p1', config: testConfig(['services:\n', `services:\n${OTHER}`]), generation: 1, configVersion: null },
    ...{ keys, store, view, clock, logger: SILENT, ports, uniqueId: () => `id-${++ids}`, signal },
  } as unknown as ControllerDeps;
  const controller = startController(deps, () => true);
  await clock.advance(1_000);
  assert.equal(controller.isLeading(), true);
  const command = { kind: 'fenceTest', node: 'b', level: null, reason: 'x' };
  await put(store, keys.request('db', 'r1'), JSON.stringify({ actor: 'ann', command }));
  await clock.advance(500);
  const reply = await store.get(keys.reply('r1'));
  assert.match(reply?.value ?? '', /S36\.host-serves.*the machine of node b serves web too/);
  stop.abort();
  await clock.advance(5_000);
});
