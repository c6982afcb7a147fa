// A service that was forgotten comes back above all that nodes remember of it, and one that was released only to the addresses that
// DNS has (S12, S17, S28).
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ApiSource } from '../../../src/api/api-source.ts';
import { forgetService } from '../../../src/api/forget-service.ts';
import { ok } from '../../../src/base/result.ts';
import { storeKeys } from '../../../src/base/store-keys.ts';
import { lookBeforeReload } from '../../../src/cli/look-before-reload.ts';
import type { Config } from '../../../src/config/config.ts';
import {
  EMPTY_LOCAL_STATE,
  EMPTY_SERVICE_RECORD,
  type MachineState,
  type ServiceRecord,
} from '../../../src/failover/service-state.ts';
import { Guard } from '../../../src/nodes/exec/guard.ts';
import { identifyProcess } from '../../../src/nodes/exec/process-identity.ts';
import { classifyOwnership } from '../../../src/plan/classify-ownership.ts';
import { initialiseCluster } from '../../../src/store/cluster-record.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { recoverCluster } from '../../../src/store/recover-cluster.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { testConfig } from '../../support/prober-world.ts';
import { put } from '../../support/store-calls.ts';
import { at, replyTo, request, serviceRules, viewOf } from '../failover/machine-fixture.ts';

const keys = storeKeys('test');
const WITHOUT: Config = { ...testConfig(), services: [] };
const CLUSTER = { cluster: 'test', configText: 'cluster: {}', highestSeen: 0 };
const UNKNOWN = { kind: 'unknown', version: 0, why: 'no record' } as const;

async function open() {
  const clock = createFakeClock();
  const store = new MemoryStoreWorld().connect({ clock, bounds: { rho: 0.01, marginMs: 100 } });
  await initialiseCluster(store, { ...CLUSTER, services: [] });
  const uniqueId = () => crypto.randomUUID();
  const source = { keys, store, clock, uniqueId, loadText: () => ok(WITHOUT) } as unknown as ApiSource;
  const look = (next: Config, inForce: Config, release: readonly string[] = []) =>
    lookBeforeReload({ store, keys }, { inForce, next, release });
  return {
    store,
    look,
    forget: () => forgetService(source, { service: 'web', removeRecord: true, recordRemoved: true }),
    /** What a controller finds after the reload. */
    reload: async (...change: Parameters<typeof look>): Promise<ServiceRecord> => {
      const free = await look(...change);
      assert.ok(free.kind === 'free', JSON.stringify(free));
      const { kind } = await store.commit({ guards: free.guards, writes: free.writes, token: uniqueId() });
      assert.equal(kind, 'committed');
      const entry = await store.get(keys.service('web'));
      return entry === null ? EMPTY_SERVICE_RECORD : (JSON.parse(entry.value) as ServiceRecord);
    },
  };
}

/** The first effect of a switchover to b while nothing is seen: the stop of a. */
function firstStop(service: ServiceRecord) {
  const local = { ...EMPTY_LOCAL_STATE, term: 1, view: viewOf({ a: 'down', b: 'down' }) };
  const breadcrumbs = { a: UNKNOWN, b: UNKNOWN };
  const state = { rules: serviceRules(), breadcrumbs, grant: null, op: null, tail: null, service, local };
  const command = { kind: 'switchover', from: null, to: 'b', waitsForTtl: true, reason: 'x' } as const;
  const { effects, state: after } = at(state, request(command));
  const [stop] = effects.flatMap((effect) => (effect.kind === 'run' ? [effect.intent] : []));
  assert.ok(stop?.kind === 'stop' && stop.node === 'a');
  return { service: after.service, step: stop.step, epoch: after.service.epoch };
}

test('a stop that was recorded before a service was forgotten is no proof for the one that comes back (S12, S17)', async (t) => {
  const { store, forget, reload } = await open();
  const directory = mkdtempSync(join(tmpdir(), 'oneup-'));
  t.after(() => rmSync(directory, { recursive: true }));
  using guard = new Guard(join(directory, 'guard.db'));
  const owner = identifyProcess(process.pid);
  assert.ok(owner !== null);
  const claim = (life: string, { epoch, step }: { epoch: number; step: number }) => {
    const position = { generation: 1, epoch, step, part: 0 };
    const key = { cluster: 'test', service: 'web', node: 'a' };
    return guard.claim({ key, position, action: 'stop', claim: life, owner }).kind;
  };
  const first = firstStop(await reload(testConfig(), WITHOUT));
  assert.equal(claim('first', first), 'claimed');
  const evidence = { exitCode: 0, signal: null, output: '', durationMs: 1 };
  guard.finish('first', { kind: 'done', reason: 'exit code 0', evidence, repeated: false }, { isGone: true });
  await put(store, keys.service('web'), JSON.stringify(first.service));
  await forget();
  const second = firstStop(await reload(testConfig(), WITHOUT));
  assert.equal(claim('second', second), 'claimed', 'the script runs, and nothing is answered from memory');
});

test('a forgotten service comes back above its numbers, with nobody active, and begins nothing by itself', async () => {
  const { store, forget, reload } = await open();
  const dns = {
    confirmed: { node: 'a', level: 'steady', epoch: 40, seq: 90 },
    pending: null,
    unconfirmed: [],
    seq: 90,
  };
  const first = { ...EMPTY_SERVICE_RECORD, epoch: 40, step: 7, crumbVersion: 12, active: 'a', dns, lastOpId: 'x' };
  await put(store, keys.service('web'), JSON.stringify(first));
  await forget();
  const back = await reload(testConfig(), WITHOUT);
  assert.deepEqual(back, {
    ...EMPTY_SERVICE_RECORD,
    epoch: 40,
    step: 7,
    crumbVersion: 12,
    dns: { ...EMPTY_SERVICE_RECORD.dns, seq: 90 },
    awaitsOperator: true,
  });
  for (const node of ['a', 'b']) {
    const crumb = await store.get(keys.breadcrumb('web', node));
    assert.match(crumb?.value ?? '', /"unknown"/, 'an absent one would join without a proof (S7)');
  }
});

test('what a provider still has of a forgotten service is a drift that is told, and not a store that went back (S26, S27)', async () => {
  const { store, forget, reload } = await open();
  const dns = { confirmed: null, pending: null, unconfirmed: [], seq: 90 };
  await put(store, keys.service('web'), JSON.stringify({ ...EMPTY_SERVICE_RECORD, epoch: 40, dns }));
  await forget();
  const { epoch, dns: left } = await reload(testConfig(), WITHOUT);
  const standing = classifyOwnership({
    currentTxt: '"oneup1 cluster=test service=web generation=1 epoch=40 seq=90"',
    thisWrite: { cluster: 'test', service: 'web', generation: 1, epoch: epoch + 1, seq: left.seq + 1 },
    expectedBefore: null,
    unconfirmedIntents: [],
  });
  assert.equal(standing.kind, 'drift', 'a stale one would make the controller of every service resign');
});

test('a service that was forgotten damaged comes back in a new generation only', async () => {
  const { store, look, forget, reload } = await open();
  await put(store, keys.service('web'), '{"epoch":40,');
  await forget();
  const refused = await look(testConfig(), WITHOUT);
  assert.ok(refused.kind === 'refused');
  assert.equal(refused.rule, 'S7.record-damaged');
  assert.match(refused.remedy, /oneup recover/);
  const nothing = { services: [], highestGeneration: 0, highestTerm: 0, epochs: new Map() };
  await recoverCluster(store, { cluster: 'test', ...nothing });
  const { epoch, step, active } = await reload(testConfig(), WITHOUT);
  assert.deepEqual([epoch, step, active], [1, 0, null]);
});

test('a released service comes back where DNS has its nodes, and not at an address that nobody verified (S28)', async () => {
  const { store, look, reload } = await open();
  const write = { node: 'a', level: 'steady', epoch: 4, seq: 9 };
  for (const dns of [{ confirmed: write }, { pending: write }, { unconfirmed: [write] }]) {
    await put(store, keys.service('web'), JSON.stringify({ ...EMPTY_SERVICE_RECORD, epoch: 4, active: 'a', dns }));
    await reload(WITHOUT, testConfig(), ['web']);
    const moved = testConfig(['address: 192.0.2.1,', 'address: 192.0.2.99,']);
    const refused = await look(moved, WITHOUT);
    assert.ok(refused.kind === 'refused');
    assert.equal(refused.rule, 'S7.node-published');
    assert.match(refused.reason, /names node a of web at 192\.0\.2\.1, and the file has it at 192\.0\.2\.99/);
    assert.match(refused.remedy, /oneup forget web/);
    const otherMoved = testConfig(['address: 192.0.2.2,', 'address: 192.0.2.77,']);
    assert.equal((await look(otherMoved, WITHOUT)).kind, 'free', 'nobody is sent there');
    assert.equal((await reload(testConfig(), WITHOUT)).epoch, 4);
  }
});

test('a released service does not come back without a node that may run it, or that DNS names (S7, S19)', async () => {
  const { store, look, forget, reload } = await open();
  const write = { node: 'a', level: 'steady', epoch: 4, seq: 9 };
  const record = {
    ...EMPTY_SERVICE_RECORD,
    epoch: 4,
    active: 'a',
    dns: { confirmed: write, pending: null, unconfirmed: [], seq: 9 },
  };
  await put(store, keys.service('web'), JSON.stringify(record));
  await reload(WITHOUT, testConfig(), ['web']);
  const withoutA = await look(
    testConfig(['{ id: a, address: 192.0.2.1, priority: 1 }', '{ id: c, address: 192.0.2.3, priority: 1 }']),
    WITHOUT,
  );
  assert.ok(withoutA.kind === 'refused');
  assert.equal(withoutA.rule, 'S7.node-published');
  assert.match(withoutA.reason, /DNS still names node a of web, which the file does not list/);
  const withoutB = testConfig([
    '{ id: b, address: 192.0.2.2, priority: 2 }',
    '{ id: c, address: 192.0.2.3, priority: 2 }',
  ]);
  const mayRun = await look(withoutB, WITHOUT);
  assert.ok(mayRun.kind === 'refused');
  assert.equal(mayRun.rule, 'S7.node-may-run');
  assert.match(mayRun.remedy, /List node b too, run oneup adopt web, then remove it/);
  await forget();
  assert.equal((await look(withoutB, WITHOUT)).kind, 'free', 'a person has cleared it away');
});

test('a service comes back under no other name, zone or provider while DNS may answer for the old one (S26)', async () => {
  const { store, look, reload } = await open();
  const [web] = testConfig().services;
  assert.ok(web !== undefined);
  const under = (change: Partial<typeof web.record>): Config => {
    return { ...testConfig(), services: [{ ...web, record: { ...web.record, ...change } }] };
  };
  const changes = { name: 'new.ha.example.com.', zone: 'example.org.', provider: 'far' };
  const write = { node: 'a', level: 'steady', epoch: 4, seq: 9 };
  // Released by name, or gone after its last node was proven down, with `sorry` still answered.
  for (const { node, release } of [
    { node: 'a', release: ['web'] },
    { node: null, release: [] },
  ]) {
    for (const dns of [{ confirmed: { ...write, node } }, { pending: { ...write, node } }]) {
      await put(store, keys.service('web'), JSON.stringify({ ...EMPTY_SERVICE_RECORD, epoch: 4, dns }));
      for (const id of ['a', 'b']) await put(store, keys.breadcrumb('web', id), '{"kind":"down"}');
      await reload(WITHOUT, testConfig(), release);
      for (const [field, value] of Object.entries(changes)) {
        const refused = await look(under({ [field]: value }), WITHOUT);
        assert.ok(refused.kind === 'refused', field);
        assert.equal(refused.rule, 'S7.record-published');
        assert.match(
          refused.reason,
          new RegExp(`for web\\.ha\\.example\\.com\\. .* record\\.${field} of web as ${value}`),
        );
        assert.match(refused.remedy, /as it was, or clear away what is left first: oneup forget web/);
      }
      await reload(testConfig(), WITHOUT);
    }
  }
  await put(store, keys.service('web'), JSON.stringify({ ...EMPTY_SERVICE_RECORD, dns: { pending: write } }));
  const unknown = await look(testConfig(), WITHOUT);
  assert.ok(unknown.kind === 'refused');
  assert.match(unknown.reason, /not on record under which name/);
  await put(store, keys.service('web'), JSON.stringify(EMPTY_SERVICE_RECORD));
  await reload(WITHOUT, testConfig(), ['web']);
  assert.equal((await look(under(changes), WITHOUT)).kind, 'free', 'nothing was ever written');
});

test('until somebody adopts it, a service that came back starts and stops nothing, and DNS keeps its address (S11, S28)', async () => {
  const { store, reload } = await open();
  const write = { node: 'a', level: 'steady', epoch: 4, seq: 9 };
  const dns = { confirmed: write, pending: null, unconfirmed: [], seq: 9 };
  await put(store, keys.service('web'), JSON.stringify({ ...EMPTY_SERVICE_RECORD, epoch: 4, active: 'a', dns }));
  await reload(WITHOUT, testConfig(), ['web']);
  for (const looks of [
    { a: 'up', b: 'down' },
    { a: 'down', b: 'up' },
    { a: 'gone', b: 'gone' },
  ] as const) {
    const service = await reload(testConfig(), WITHOUT);
    const local = { ...EMPTY_LOCAL_STATE, term: 1, view: viewOf(looks) };
    const breadcrumbs = { a: UNKNOWN, b: UNKNOWN };
    let state: MachineState = { rules: serviceRules(), breadcrumbs, grant: null, op: null, tail: null, service, local };
    for (let second = 1; second < 120; second += 1) {
      const result = at(state, { kind: 'tick' }, second * 1_000);
      const told = result.effects.flatMap((effect) => (effect.kind === 'run' ? [effect.intent.kind] : []));
      assert.deepEqual(told, [], JSON.stringify(looks));
      for (const effect of result.effects) if (effect.kind === 'writeDns') assert.equal(effect.intent.node, 'a');
      state = result.state;
    }
    assert.deepEqual([state.op, state.service.active, state.service.awaitsOperator], [null, null, true]);
    const node = looks.b === 'up' ? 'b' : 'a';
    const expected = looks[node] === 'up' ? 'accepted' : 'adopt.not-running';
    assert.equal(replyTo(state, { kind: 'adopt', node, reason: 'it runs there' }), expected);
  }
});
