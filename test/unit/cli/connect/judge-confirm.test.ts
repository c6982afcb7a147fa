// How the answer of a fence device is judged on a quiet day: understood as off, as on, or as a slip that would cost a failover.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeConfirm } from '../../../../src/cli/connect/try-fence.ts';
import { NO_EVIDENCE, type QueryAnswer } from '../../../../src/nodes/action-carrier.ts';

const ROWS: readonly (readonly [word: string, offStates: readonly string[], outcome: string, isActive?: boolean])[] = [
  ['stopped', ['stopped', 'terminated'], 'expected'],
  ['stopped', ['stopped'], 'wrong', true],
  ['running', ['stopped', 'terminated'], 'expected'],
  ['Stopped', ['stopped'], 'wrong'],
  ['"stopped"', ['stopped'], 'wrong'],
  ['stoped', ['stopped'], 'wrong'],
  ['stopping', ['stopped'], 'expected'],
  ['active', ['inactive'], 'expected'],
  ['attached', ['detached'], 'expected'],
  ['on', ['off'], 'expected'],
  ['Off', ['off'], 'wrong'],
  ['no', ['on'], 'expected'],
  ['An error occurred when calling the operation', ['stopped'], 'wrong'],
];

describe('judgeConfirm', () => {
  for (const [word, offStates, outcome, isActive = false] of ROWS) {
    test(`${word} for ${offStates.join(', ')}${isActive ? ' of the active' : ''} is ${outcome}`, () => {
      const answer: QueryAnswer = { kind: 'said', word, evidence: NO_EVIDENCE };
      assert.equal(judgeConfirm(answer, { offStates, isActive }).outcome, outcome);
    });
  }

  test('a query that fails says nothing, and that is wrong', () => {
    const answer: QueryAnswer = { kind: 'failed', reason: 'Ended with exit code 1', evidence: NO_EVIDENCE };
    const judged = judgeConfirm(answer, { offStates: ['off'], isActive: false });
    assert.deepEqual(judged, { outcome: 'wrong', says: 'Ended with exit code 1' });
  });
});
