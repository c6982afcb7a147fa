// From the observations of all probers to what the machine sees: missing votes are missing, strangers do not count, and what
// answers is believed even of a prober that abstains.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { buildView, type SeenObservation, type ViewInput } from '../../../src/failover/build-view.ts';
import type { Observation } from '../../../src/health/observation.ts';
import { PROBERS } from './machine-fixture.ts';

const UP: Observation = {
  verdict: 'up',
  answering: true,
  reach: 'reached',
  reason: 'status 200',
  phases: {},
  streak: 2,
  checkedWallMs: 1,
  vantage: 'eu',
  stamp: null,
};
const DOWN: Observation = { ...UP, verdict: 'down', answering: false, reason: 'refused' };

function seen(prober: string, observation: Observation, revision = 5): SeenObservation {
  return { prober, node: 'a', revision, observation };
}

const INPUT: ViewInput = {
  service: 'web',
  nodes: ['a', 'b'],
  probers: PROBERS,
  minVantages: 2,
  observations: [],
  suspicions: [],
  abstaining: [],
  verifying: null,
  revision: 9,
  brake: null,
};

function nodeA(observations: readonly SeenObservation[], change: Partial<ViewInput> = {}) {
  const view = buildView({ ...INPUT, observations, ...change });
  assert.ok(view.nodes.a !== undefined && view.nodes.b !== undefined);
  assert.deepEqual([view.revision, view.nodes.b.answering], [9, []]);
  return view.nodes.a;
}

describe('buildView', () => {
  test('counts both questions over the configured probers', () => {
    const a = nodeA([seen('p1', DOWN), seen('p2', DOWN), seen('p3', UP)]);
    assert.deepEqual([a.down.kind, a.up.kind], ['agreed', 'rejected']);
    assert.deepEqual(a.answering, [{ prober: 'p3', revision: 5 }]);
  });

  test('an absent prober is missing and not against', () => {
    const a = nodeA([seen('p1', DOWN)]);
    assert.deepEqual([a.down.kind, a.down.missing], ['pending', ['p2', 'p3']]);
    assert.deepEqual(
      a.votes.map(({ verdict }) => verdict),
      ['down', 'absent', 'absent'],
    );
  });

  test('a prober that abstains has no vote, but what it sees answering it sees', () => {
    const a = nodeA([seen('p1', UP), seen('p2', DOWN), seen('p3', DOWN)], { abstaining: ['p1', 'p2'] });
    assert.deepEqual([a.down.kind, a.down.missing], ['pending', ['p1', 'p2']]);
    assert.deepEqual(
      a.answering.map(({ prober }) => prober),
      ['p1'],
    );
    assert.deepEqual(
      a.votes.map(({ verdict }) => verdict),
      ['abstains', 'abstains', 'down'],
    );
  });

  test('observations of a prober that is not configured do not count at all', () => {
    const a = nodeA([seen('old', DOWN), seen('older', UP)]);
    assert.deepEqual([a.down.against, a.down.for, a.answering], [[], [], []]);
  });

  test('verified counts only looks stamped for this operation and epoch', () => {
    const stamped = { ...UP, stamp: { opId: 'op', epoch: 3 } };
    const other = { ...UP, stamp: { opId: 'op', epoch: 2 } };
    const observations = [seen('p1', stamped), seen('p2', UP), seen('p3', other)];
    const verifying = { opId: 'op', epoch: 3 };
    assert.deepEqual(nodeA(observations, { verifying }).verified.for, ['p1']);
    assert.equal(nodeA([seen('p1', stamped), seen('p2', stamped)], { verifying }).verified.kind, 'agreed');
    assert.equal(nodeA([seen('p1', stamped), seen('p2', stamped)]).verified.kind, 'pending');
  });

  test('verified counts only those that answer as active: a warm standby is up, too (S25)', () => {
    const stamped = { ...UP, stamp: { opId: 'op', epoch: 3 } };
    const warm = { ...stamped, answering: false };
    const verifying = { opId: 'op', epoch: 3 };
    const standby = nodeA([seen('p1', warm), seen('p2', warm), seen('p3', warm)], { verifying });
    assert.deepEqual(
      [standby.up.kind, standby.verified.kind, standby.verified.missing.length],
      ['agreed', 'pending', 3],
    );
    const promoted = nodeA([seen('p1', stamped), seen('p2', stamped), seen('p3', warm)], { verifying });
    assert.deepEqual([promoted.verified.kind, promoted.verified.for], ['agreed', ['p1', 'p2']]);
  });

  const REACH: readonly [Observation['reach'][], string][] = [
    [['unreached', 'reached'], 'reached'],
    [['unreached', 'unreached'], 'unreached'],
    [['unreached', 'unknown'], 'unreached'],
    [['unknown'], 'unknown'],
    [[], 'unknown'],
  ];
  for (const [reaches, expected] of REACH) {
    test(`${reaches.join(' and ') || 'nobody'} makes ${expected}`, () => {
      const observations = reaches.map((reach, place) => seen(`p${place + 1}`, { ...DOWN, reach }));
      assert.equal(nodeA(observations).reach, expected);
    });
  }

  test('suspicions are told by prober', () => {
    const suspicions = [
      { prober: 'p2', node: 'a' },
      { prober: 'p3', node: 'b' },
    ];
    assert.deepEqual(nodeA([], { suspicions }).suspectedBy, ['p2']);
  });

  test('what a prober says that does not look at the service is no suspicion, and keeps no reference from being lost', () => {
    assert.deepEqual(nodeA([], { suspicions: [{ prober: 'p9', node: 'a' }] }).suspectedBy, []);
    const input = { ...INPUT, observations: [seen('p1', DOWN), seen('p9', UP)], abstaining: ['p1'] };
    assert.equal(buildView(input).referencesLost, true, 'every voter that lives abstains (S22)');
    assert.equal(
      buildView({ ...input, observations: [seen('p9', DOWN)], abstaining: ['p9'] }).referencesLost,
      undefined,
    );
  });
});
