// A thousand services: what changes in one of them is work for that one alone, in a prober and in the controller. Calls are
// counted, not time, so that a busy machine says the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storeKeys } from '../../../src/base/store-keys.ts';
import type { Config } from '../../../src/config/config.ts';
import { startController } from '../../../src/controller/controller.ts';
import type { ControllerDeps } from '../../../src/controller/controller-deps.ts';
import type { Store } from '../../../src/ports/store.ts';
import type { StoreView } from '../../../src/ports/store-view.ts';
import { startProber } from '../../../src/prober/prober.ts';
import type { ProberDeps } from '../../../src/prober/prober-deps.ts';
import { RecordBoard } from '../../../src/prober/record-board.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { startStoreMirror } from '../../../src/store/store-mirror.ts';
import { VirtualTime } from '../../sim/virtual-time.ts';
import { manyServices } from '../../support/many-services.ts';
import { PASS, SILENT, testConfig } from '../../support/prober-world.ts';
import { put } from '../../support/store-calls.ts';

const SERVICES = 1_000;
const BOUNDS = { rho: 0.01, marginMs: 100 };

/** One process with everything in it counted: which keys it reads from its copy of the store, and what it commits. */
function openWorld(config: Config) {
  const time = new VirtualTime();
  const clock = time.clock();
  const keys = storeKeys('test');
  const store = new MemoryStoreWorld().connect({ clock, bounds: BOUNDS, pollMs: 50 });
  const stop = new AbortController();
  const mirror = { store, root: keys.root, clock, logger: SILENT, watchTimeoutMs: 30_000, signal: stop.signal };
  const view = startStoreMirror(mirror);
  const read: string[] = [];
  const counted: StoreView = {
    ...view,
    get: (key) => {
      read.push(key);
      return view.get(key);
    },
    list: (prefix) => {
      read.push(prefix);
      return view.list(prefix);
    },
  };
  let ids = 0;
  const deps = { id: 'p1', config, keys, store, view: counted, clock, logger: SILENT, uniqueId: () => `id-${++ids}` };
  const pass = (ms: number) => time.runUntil(time.nowMs + ms);
  return { deps: { ...deps, signal: stop.signal }, keys, store, stop, read, pass };
}

function serviceOf(key: string): string | undefined {
  return /\/(?:obs|suspect|service|op|tail|grant|request)\/([^/]+)/.exec(key)?.[1];
}

/** Services that were looked at since the last time this was asked. */
function lookedAt(read: string[]): readonly string[] {
  return [...new Set(read.splice(0).map(serviceOf))].filter((id) => id !== undefined);
}

test('a prober looks at the service that changed, and at no other', async () => {
  // Nothing but the change happens in the time that is watched.
  const config = manyServices(testConfig(['interval: 1s', 'interval: 60s']), SERVICES);
  const { deps, keys, store, stop, read, pass } = openWorld(config);
  const runCheck = async () => ({ result: PASS, lingering: null });
  const probing = { ...deps, version: 'test', runCheck, probeReference: runCheck } satisfies ProberDeps;
  startProber(probing, { digest: 'd', pid: 1, configStanding: 'inForce' });
  await pass(5_000);
  assert.equal((await store.list(keys.observations)).entries.length, 2 * SERVICES, 'everything is seen and told');
  read.length = 0;
  await put(store, keys.suspicion('s7', 'a', 'p2'), '{"reason":"refused"}');
  await pass(60);
  assert.deepEqual(lookedAt(read), ['s7']);
  await put(store, keys.operation('s8'), '{"opId":"o","phase":"VERIFY_NEW","to":"a","epoch":1}');
  await pass(60);
  // s7 goes on in the quick rhythm that its suspicion set off.
  assert.deepEqual(
    lookedAt(read).filter((id) => id !== 's7'),
    ['s8'],
  );
  await put(store, keys.prober('p2'), '{}');
  await pass(60);
  assert.deepEqual(
    lookedAt(read).filter((id) => id !== 's7' && id !== 's8'),
    [],
    'a prober that joins is no news',
  );
  stop.abort();
});

test('of a thousand services a prober looks at its share: three of seven probers look at each (S24)', async () => {
  const spread = ['p4', 'p5', 'p6', 'p7'].map((id, at) => {
    return `    - { id: ${id}, vantage: four, address: 127.0.0.1, listen: ["127.0.0.1:54${at}0"] }\n`;
  });
  const more = `${spread.join('')}  quorum: { probersPerCheck: 3, minVantages: 1 }\n  timing:`;
  const config = manyServices(testConfig(['  timing:', more]), SERVICES);
  const { deps, keys, store, stop, pass } = openWorld(config);
  let looks = 0;
  const runCheck = async () => {
    looks += 1;
    return { result: PASS, lingering: null };
  };
  const probing = { ...deps, version: 'test', runCheck, probeReference: runCheck } satisfies ProberDeps;
  startProber(probing, { digest: 'd', pid: 1, configStanding: 'inForce' });
  await pass(5_000);
  const told = new Set((await store.list(keys.observations)).entries.map(({ key }) => serviceOf(key)));
  const own = config.services.filter(({ probers }) => probers.some(({ id }) => id === 'p1')).map(({ id }) => id);
  assert.deepEqual([...told].sort(), [...own].sort());
  assert.ok(own.length > 350 && own.length < 600, `${own.length} of ${SERVICES}`);
  looks = 0;
  await pass(10_000);
  assert.ok(Math.abs(looks - own.length * 2 * 10) <= own.length * 2, `${looks} looks in ten intervals of one second`);
  stop.abort();
});

test('the controller looks at the service that changed, and at no other, also while hundreds are busy', async () => {
  const { deps, keys, store, stop, read, pass } = openWorld(manyServices(testConfig(), SERVICES));
  // Actions that never end keep the services busy on which they run.
  const ports = { alert: () => {}, extendDeadline: () => {}, driver: () => ({ act: () => new Promise(() => {}) }) };
  const leading = { ...deps, generation: 1, configVersion: null, ports } as unknown as ControllerDeps;
  await put(store, keys.meta, '{}');
  const controller = startController(leading, () => true);
  await pass(2_000);
  assert.equal(controller.isLeading(), true);
  for (let place = 0; place < 200; place += 1) {
    const command = { kind: 'switchover', from: null, to: 'b', reason: 'x' };
    await put(store, keys.request(`s${place}`, 'r'), JSON.stringify({ actor: 'ann', command }));
  }
  await pass(2_000);
  assert.equal((await store.list(keys.operations)).entries.length, 200, 'they are busy');
  read.length = 0;
  await put(store, keys.suspicion('s500', 'a', 'p2'), '{"reason":"refused"}');
  await pass(200);
  assert.deepEqual(lookedAt(read), ['s500']);
  stop.abort();
  await pass(5_000);
});

test('a change of one record among thousands is one write, and a new session writes all in bounded commits', async () => {
  const { deps, stop, pass, store } = openWorld(testConfig());
  const sizes: number[] = [];
  const counting = {
    get: (key: string) => store.get(key),
    commit: (request: Parameters<Store['commit']>[0]) => {
      sizes.push(request.writes.length);
      return store.commit(request);
    },
  } as unknown as Store;
  const board = new RecordBoard({ ...deps, store: counting });
  for (let place = 0; place < 10_000; place += 1) board.set(`/oneup/test/obs/s${place}/a/p1`, 'up');
  board.setSession(await store.openSession({ id: 'one', ttlMs: 60_000 }));
  await pass(1_000);
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    10_000,
  );
  assert.ok(Math.max(...sizes.splice(0)) <= 500);
  assert.equal((await store.list('/oneup/test/obs/')).entries.length, 10_000);
  board.set('/oneup/test/obs/s7/a/p1', 'down');
  board.set('/oneup/test/obs/s8/a/p1', null);
  await pass(1_000);
  assert.deepEqual(sizes, [2]);
  assert.equal((await store.list('/oneup/test/obs/')).entries.length, 9_999);
  stop.abort();
});

test('a board of thousands of records pauses after a failure instead of trying on and on', async () => {
  const { deps, stop, pass, store } = openWorld(testConfig());
  let attempts = 0;
  let isAway = true;
  const failing = {
    get: (key: string) => store.get(key),
    commit: async (request: Parameters<Store['commit']>[0]) => {
      attempts += 1;
      if (isAway) throw new Error('the store is away');
      return store.commit(request);
    },
  } as unknown as Store;
  const board = new RecordBoard({ ...deps, store: failing });
  for (let place = 0; place < 3_000; place += 1) board.set(`/oneup/test/obs/s${place}/a/p1`, 'up');
  board.setSession(await store.openSession({ id: 'one', ttlMs: 60_000 }));
  await pass(1_000);
  assert.ok(attempts <= 6, `one attempt in 200 ms, there were ${attempts} in a second`);
  isAway = false;
  await pass(2_000);
  assert.equal((await store.list('/oneup/test/obs/')).entries.length, 3_000);
  stop.abort();
});
