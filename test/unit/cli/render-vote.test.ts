// A vote whose last check went the other way says so: `up (connection refused)` would read like a mistake.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { renderVote } from '../../../src/cli/render-vote.ts';
import { buildView } from '../../../src/failover/build-view.ts';
import type { Observation } from '../../../src/health/observation.ts';

const SEEN: Observation = {
  verdict: 'up',
  answering: true,
  reach: 'reached',
  reason: 'status 200',
  phases: {},
  streak: 1,
  checkedWallMs: 0,
  vantage: 'eu',
  stamp: null,
};
const LIMITS = { rise: 3, fall: 2 };

function rendered(change: Partial<Observation>): string {
  const view = buildView({
    service: 'web',
    nodes: ['a'],
    probers: [{ id: 'p1', vantage: 'eu' }],
    minVantages: 1,
    observations: [{ prober: 'p1', node: 'a', revision: 1, observation: { ...SEEN, ...change } }],
    suspicions: [],
    abstaining: [],
    verifying: null,
    revision: 1,
    brake: null,
  });
  const [vote] = view.nodes.a?.votes ?? [];
  assert.ok(vote !== undefined);
  return renderVote(vote, LIMITS);
}

describe('a vote in a line', () => {
  for (const [line, change] of [
    ['p1 says up (status 200)', {}],
    [
      'p1 still says up (its last check failed, 1 of fall 2: connection refused)',
      { answering: false, phase: 'connect', reason: 'connection refused' },
    ],
    ['p1 says down (timeout)', { verdict: 'down', answering: false, phase: 'connect', reason: 'timeout', streak: 9 }],
    ['p1 still says down (passed 1 of rise 3: status 200)', { verdict: 'down' }],
    ['p1 says unknown (not looked yet)', { verdict: 'unknown', answering: false, streak: 0, reason: 'not looked yet' }],
  ] as const)
    test(line, () => assert.equal(rendered(change), line));

  test('without the limits of the check it says how many', () => {
    const vote = { prober: 'p1', vantage: 'eu', verdict: 'up', reason: 'x', checkedWallMs: 0, against: 2 } as const;
    assert.equal(renderVote(vote), 'p1 still says up (its last check failed, 2 in a row: x)');
  });
});
