// Which nodes may become active and in which order, and the rule that keeps each of the others out.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { candidates } from '../../../src/failover/candidates.ts';
import { activeState, failedMark, nodeRules, type StateChange, serviceRules, viewOf } from './machine-fixture.ts';

const THREE = [nodeRules('a'), nodeRules('b'), nodeRules('c')];

type Row = {
  readonly name: string;
  readonly change: StateChange;
  readonly eligible: readonly string[];
  readonly excluded: Readonly<Record<string, string>>;
};

const TABLE: readonly Row[] = [
  { name: 'both others, lowest priority number first', change: {}, eligible: ['b', 'c'], excluded: {} },
  {
    name: 'the lower number wins whatever the order of the configuration',
    change: { rules: serviceRules({ nodes: [nodeRules('a'), nodeRules('b', { priority: 7 }), nodeRules('c')] }) },
    eligible: ['c', 'b'],
    excluded: {},
  },
  {
    name: 'equal numbers are ordered by id',
    change: {
      rules: serviceRules({
        nodes: [nodeRules('a'), nodeRules('c', { priority: 2 }), nodeRules('b', { priority: 2 })],
      }),
    },
    eligible: ['b', 'c'],
    excluded: {},
  },
  {
    name: 'priority zero is never chosen, not even when it is alone',
    change: { rules: serviceRules({ nodes: [nodeRules('a'), nodeRules('b', { priority: 0 })] }) },
    eligible: [],
    excluded: { b: 'node.never' },
  },
  {
    name: 'a failed node needs rejoin',
    change: { service: { failed: { b: failedMark('x', 'fenced') } } },
    eligible: ['c'],
    excluded: { b: 'S36.rejoin-needed' },
  },
  {
    name: 'a node in maintenance is left alone',
    change: {
      service: { nodeMaintenance: { c: { reason: 'disk', actor: 'ann', sinceWallMs: 0, expiresAfterMs: 1 } } },
    },
    eligible: ['b'],
    excluded: { c: 'S35.maintenance' },
  },
  {
    name: 'a node that answers already is refused, one prober is enough',
    change: { local: { view: viewOf({ a: 'up', b: ['down', 'up', 'down'], c: 'down' }) } },
    eligible: ['c'],
    excluded: { b: 'target.answering' },
  },
  {
    name: 'what may run twice must be seen up before it is chosen',
    change: {
      rules: serviceRules({ exclusive: false, nodes: THREE }),
      local: { view: viewOf({ a: 'up', b: 'up', c: ['up', 'silent', 'silent'] }) },
    },
    eligible: ['b'],
    excluded: { c: 'S24.quorum-pending' },
  },
];

describe('candidates', () => {
  for (const { name, change, eligible, excluded } of TABLE) {
    test(name, () => {
      const view = viewOf({ a: 'up', b: 'down', c: 'down' });
      const state = activeState({ rules: serviceRules({ nodes: THREE }), ...change, local: { view, ...change.local } });
      const found = candidates(state, ['a']);
      assert.deepEqual(found.eligible, eligible);
      assert.deepEqual(Object.fromEntries(found.excluded.map(({ node, refusal }) => [node, refusal.rule])), excluded);
      for (const { node, refusal } of found.excluded) assert.ok(refusal.reason.includes(node) && refusal.remedy !== '');
    });
  }

  test('those already tried are neither eligible nor excluded', () => {
    const state = activeState({ rules: serviceRules({ nodes: THREE }) });
    assert.deepEqual(candidates(state, ['a', 'b', 'c']), { eligible: [], scores: [], excluded: [] });
  });
});
