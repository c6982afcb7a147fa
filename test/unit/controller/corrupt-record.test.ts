// A record that cannot be read holds its own service and no other, and somebody is told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storeKeys } from '../../../src/base/store-keys.ts';
import { startController } from '../../../src/controller/controller.ts';
import type { ControllerDeps } from '../../../src/controller/controller-deps.ts';
import type { Alert } from '../../../src/failover/machine-effect.ts';
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

test('an unreadable record of one service leaves the other ones controlled, with an alert', async () => {
  const clock = createFakeClock();
  const keys = storeKeys('test');
  const store = new MemoryStoreWorld().connect({ clock, bounds: { rho: 0.01, marginMs: 100 } });
  await put(store, keys.service('web'), '{"epoch":"many"}');
  const stop = new AbortController();
  const view = startStoreMirror({
    store,
    root: keys.root,
    clock,
    logger: SILENT,
    watchTimeoutMs: 30_000,
    signal: stop.signal,
  });
  await clock.advance(50);
  const alerts: Alert[] = [];
  let ids = 0;
  const ports = {
    alert: (_service: string, alert: Alert) => alerts.push(alert),
    extendDeadline: () => {},
    driver: () => ({ act: () => new Promise(() => {}) }),
  };
  const deps = {
    id: 'p1',
    config: testConfig(['services:\n', `services:\n${OTHER}`]),
    generation: 1,
    configVersion: null,
    keys,
    store,
    view,
    clock,
    logger: SILENT,
    ports,
    uniqueId: () => `id-${++ids}`,
    signal: stop.signal,
  } as unknown as ControllerDeps;
  const controller = startController(deps, () => true);
  await clock.advance(1_000);
  assert.equal(controller.isLeading(), true, 'the term goes on');
  assert.match(alerts.map(({ subject }) => subject).join(), /web: not controlled, Cannot read record .*service.web/);
  const command = { kind: 'switchover', from: null, to: 'b', reason: 'x' };
  await put(store, keys.request('db', 'r1'), JSON.stringify({ actor: 'ann', command }));
  await clock.advance(500);
  assert.notEqual(await store.get(keys.operation('db')), null, 'db is controlled');
  assert.equal(await store.get(keys.operation('web')), null);
  stop.abort();
  await clock.advance(5_000);
});
