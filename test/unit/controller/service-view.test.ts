// Where few of the probers look at a service, they alone are counted, and a start is guarded by what they wrote.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readClusterStatus, readServiceStatus } from '../../../src/controller/read-model.ts';
import { observationGuards, readServiceView } from '../../../src/controller/service-view.ts';
import type { Operation } from '../../../src/failover/operation.ts';
import { EMPTY_LOCAL_STATE } from '../../../src/failover/service-state.ts';
import type { Observation } from '../../../src/health/observation.ts';
import { simConfig } from '../../sim/sim-config.ts';
import { put } from '../../support/store-calls.ts';
import { createBench } from './controller-bench.ts';

const UP: Observation = {
  verdict: 'up',
  answering: true,
  reach: 'reached',
  reason: 'status 200',
  phases: {},
  streak: 2,
  checkedWallMs: 1,
  vantage: 'east',
  stamp: null,
};
const DOWN: Observation = { ...UP, verdict: 'down', answering: false };

/** Five probers of which three look at the service. */
async function openBench() {
  const bench = await createBench();
  const probers = ['p1', 'p2', 'p3', 'p4', 'p5'];
  const config = simConfig(probers, ['a', 'b'], { restarts: false, probersPerCheck: 3 });
  const [service] = config.services;
  assert.ok(service !== undefined);
  const voters = service.probers.map(({ id }) => id);
  const others = probers.filter((id) => !voters.includes(id));
  assert.deepEqual([voters.length, others.length], [3, 2]);
  const { keys, store, clock } = bench;
  const say = async (node: string, who: readonly string[], observation: Observation) => {
    for (const id of who) await put(store, keys.observation('web', node, id), JSON.stringify(observation));
    await clock.advance(50);
  };
  const deps = { config, keys, view: bench.deps.view };
  const look = () => readServiceView({ ...deps, inForceDigest: 'R2' }, { service, op: null, brake: null });
  return { deps, service, voters, others, store, keys, clock, say, look };
}

describe('readServiceView', () => {
  test('a majority is one of the probers that look, and the votes of others are not there (S24)', async () => {
    const { voters, others, say, look } = await openBench();
    const [one = '', two = ''] = voters;
    await say('a', [one, ...others], DOWN);
    assert.deepEqual([look().nodes.a?.down.kind, look().nodes.a?.down.for], ['pending', [one]]);
    await say('a', [two], DOWN);
    assert.equal(look().nodes.a?.down.kind, 'agreed');
    assert.deepEqual(
      look().nodes.a?.votes.map(({ prober }) => prober),
      voters,
    );
  });

  test('that a prober sees it answer counts from those that look (S19)', async () => {
    const { voters, others, say, look } = await openBench();
    await say('b', others, UP);
    assert.deepEqual(look().nodes.b?.answering, []);
    await say('b', voters.slice(0, 1), UP);
    assert.deepEqual(
      look().nodes.b?.answering.map(({ prober }) => prober),
      voters.slice(0, 1),
    );
  });

  test('a voter that runs another configuration has no vote, sees nothing, and it is told (S7)', async () => {
    const { deps, service, voters, say, look, store, keys, clock } = await openBench();
    const [one = '', two = '', three = ''] = voters;
    await say('a', voters, DOWN);
    await put(store, keys.suspicion('web', 'a', one), '{}');
    await say('b', [one], UP);
    for (const [id, digest] of [
      [one, 'R1'],
      [two, 'R1'],
      [three, 'R2'],
    ] as const)
      await put(store, keys.prober(id), JSON.stringify({ digest }));
    await clock.advance(50);
    const { a, b } = look().nodes;
    assert.deepEqual([a?.down.kind, a?.down.for, a?.suspectedBy, b?.answering], ['pending', [three], [], []]);
    const told = a?.votes.map(({ verdict, reason }) => `${verdict}: ${reason}`);
    const another = 'absent: runs another configuration';
    assert.deepEqual(told, [another, another, `down: ${DOWN.reason}`]);
    const { probers } = readClusterStatus({ ...deps, inForceDigest: 'R2' });
    assert.deepEqual(
      probers.filter(({ runsAnother }) => runsAnother).map(({ prober }) => prober),
      [one, two],
    );
    await put(store, keys.prober(two), JSON.stringify({ digest: 'R2' }));
    await clock.advance(50);
    assert.equal(look().nodes.a?.down.kind, 'agreed');
    assert.equal(service.probers.length, 3);
  });

  test('references are lost when all that look abstain, whatever the others see (S22)', async () => {
    const { voters, others, say, look, store, keys, clock } = await openBench();
    await say('a', [...voters, ...others], UP);
    for (const id of voters) await put(store, keys.prober(id), '{"selfCheck":{"kind":"isolated"}}');
    await clock.advance(50);
    assert.equal(look().referencesLost, true);
    assert.equal(look().nodes.a?.up.kind, 'pending');
  });
});

test('a start is guarded by what the probers that look have said of the other nodes (S19)', async () => {
  const { deps, service, voters, others, say, look, keys } = await openBench();
  await say('b', [...voters.slice(0, 2), ...others], DOWN);
  const local = { ...EMPTY_LOCAL_STATE, view: look() };
  const guards = observationGuards(deps, service, { op: { to: 'a' } as Operation, local });
  assert.deepEqual(
    guards.map((guard) => [guard.kind, 'key' in guard ? guard.key : '']),
    voters.map((id, at) => [at < 2 ? 'version' : 'absent', keys.observation('web', 'b', id)]),
  );
});

test('status names the probers that look where they are not all', async () => {
  const { deps, service, voters } = await openBench();
  assert.deepEqual(readServiceStatus(deps, service).voters, voters);
  const all = simConfig(['p1', 'p2', 'p3'], ['a', 'b'], { restarts: false });
  assert.ok(all.services[0] !== undefined);
  assert.equal(readServiceStatus({ ...deps, config: all }, all.services[0]).voters, null);
});
