// What the commands around the machine make of an active-active service: reloads that drop a node or change the mode, a store
// that was restored, and a configuration that is tried before it is in force.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storeKeys } from '../../../src/base/store-keys.ts';
import { ifCutOff } from '../../../src/cli/connect/if-cut-off.ts';
import { judgeChecks } from '../../../src/cli/connect/judge-checks.ts';
import { lookBeforeReload } from '../../../src/cli/look-before-reload.ts';
import { initialiseCluster } from '../../../src/store/cluster-record.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { recoverCluster } from '../../../src/store/recover-cluster.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { testConfig } from '../../support/prober-world.ts';
import { mustGet, put } from '../../support/store-calls.ts';

const keys = storeKeys('test');
const ACTIONS = `    actions:
      start: { exec: { command: ["true"] } }
      stop: { exec: { command: ["true"] } }
      fence: [{ exec: { command: ["true"] }, confirmedByExit: true }]
`;
const SET = [
  ['mode: active-passive', 'mode: active-active'],
  [', priority: 1', ''],
  [', priority: 2', ''],
  [ACTIONS, ''],
] as const;
const WITHOUT_B = ['      - { id: b, address: 192.0.2.2 }\n', ''] as const;

const open = () => new MemoryStoreWorld().connect({ clock: createFakeClock(), bounds: { rho: 0.01, marginMs: 100 } });

function recordWith(nodes: readonly string[]): string {
  const answers = nodes.map((node) => ({ node, weight: 1 }));
  return JSON.stringify({ epoch: 1, active: null, dns: { confirmed: { node: null, answers, epoch: 1, seq: 1 } } });
}

test('a node is removed once the name does not answer it any more', async () => {
  await using store = open();
  const look = () =>
    lookBeforeReload({ store, keys }, { inForce: testConfig(...SET), next: testConfig(...SET, WITHOUT_B) });
  await put(store, keys.service('web'), recordWith(['a', 'b']));
  const refused = await look();
  assert.equal(refused.kind === 'refused' && refused.rule, 'S7.node-published');
  assert.match(refused.kind === 'refused' ? refused.remedy : '', /oneup drain web --node b/);
  await put(store, keys.service('web'), recordWith(['a']));
  assert.equal((await look()).kind, 'free');
});

test('a service that has run keeps its mode, and one that has not may change it', async () => {
  await using store = open();
  const look = () => lookBeforeReload({ store, keys }, { inForce: testConfig(), next: testConfig(...SET) });
  assert.equal((await look()).kind, 'free');
  await put(store, keys.service('web'), recordWith(['a']));
  const refused = await look();
  assert.equal(refused.kind === 'refused' && refused.rule, 'S7.mode-differs');
});

test('after recover every node is verified anew, and who was drained stays drained (S4, S28)', async () => {
  await using store = open();
  const services = [{ id: 'web', nodes: ['a', 'b'] }];
  await initialiseCluster(store, { cluster: 'test', configText: 'cluster: { name: test }', services, highestSeen: 0 });
  const member = { verified: '192.0.2.1', isIn: true, owesResync: true, problem: null, stage: 5, drained: null };
  const drained = { ...member, drained: { reason: 'disk', actor: 'ann', sinceWallMs: 1 } };
  const record = { ...JSON.parse(recordWith(['a'])), members: { a: member, b: drained } };
  await put(store, keys.service('web'), JSON.stringify(record));
  await recoverCluster(store, { cluster: 'test', services, highestGeneration: 1, highestTerm: 1, epochs: new Map() });
  const { members, dns } = JSON.parse((await mustGet(store, keys.service('web'))).value);
  assert.deepEqual(members.a, { ...member, verified: null, isIn: false });
  assert.deepEqual(members.b, { ...drained, verified: null, isIn: false });
  assert.equal(dns.confirmed, null);
});

test('check-config --connect expects every node to pass, and knows that nothing has to be proven or started', () => {
  const config = testConfig(...SET);
  const [service] = config.services;
  assert.ok(service !== undefined);
  const refused = { kind: 'fail', phases: {}, phase: 'connect', reason: 'refused', reach: 'reached' } as const;
  const pass = { kind: 'pass', phases: {}, detail: 'ok' } as const;
  const look = { service: 'web', name: 'check', isActiveCheck: true } as const;
  const found = judgeChecks(service, null, [
    { ...look, node: 'a', result: pass },
    { ...look, node: 'b', result: refused },
  ]);
  assert.deepEqual(
    found.map(({ outcome }) => outcome),
    ['ok', 'wrong'],
  );
  const [told] = ifCutOff(config, service, null);
  assert.match(told?.says ?? '', /leaves the answer/);
  assert.deepEqual(
    told?.terms.map((term) => term.split(' ')[0]),
    ['detection', 'dns', 'ttl'],
  );
});
