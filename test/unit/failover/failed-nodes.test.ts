// Why a node is failed: what it did itself, and what its proof rests on, never the story of another node (S36).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { automaticRefusals } from '../../../src/failover/automatic-rules.ts';
import { failedTarget } from '../../../src/failover/failed-nodes.ts';
import { activeState, at, request, viewOf } from './machine-fixture.ts';

const MOVE = { kind: 'switchover', from: null, to: 'b', reason: 'test' } as const;

describe('a failed target', () => {
  test('tells its own failure where others failed before it', () => {
    const { op } = at(activeState(), request(MOVE)).state;
    assert.ok(op !== null);
    const phases = [...op.phases, { phase: 'START_NEW', durationMs: 1, summary: 'start of c failed: exit 3' } as const];
    const failed = failedTarget({ ...op, phases, failure: 'start of b failed: exit 1; start of c failed: exit 3' });
    assert.equal(failed.why, 'start of c failed: exit 3');
  });
});

test('of all that would hold an automatic failover, the missing votes come first (S24)', () => {
  const view = viewOf({ a: ['down', 'silent', 'silent'], b: 'down' });
  const frozen = { reason: 'tonight', actor: 'ann', sinceWallMs: 0 };
  const state = activeState({ local: { view }, service: { frozen } });
  const now = { monoMs: state.local.termSinceMonoMs + state.rules.startupGraceMs, wallMs: 0 };
  const rules = automaticRefusals(state, 'a', now);
  assert.deepEqual(
    rules.map(({ rule }) => rule),
    ['S24.quorum-pending', 'S35.frozen'],
  );
  assert.equal(rules[0]?.reason, '1 of the 3 voters of web (p1, p2, p3) can vote on a; away: p2, p3');
});
