// The bucket of calls: what it lets through in every window, what it keeps for failovers, and what a successor may rely on.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  bucketCapacity,
  type CallBucket,
  type CallBudget,
  refill,
  spend,
  takeOverBucket,
  waitForCallsMs,
} from '../../../src/plan/call-budget.ts';

const BUDGET: CallBudget = { calls: 1_200, perMs: 300_000, reserve: 300 };
const RHO = 0.01;

const budgets = fc
  .record({
    calls: fc.integer({ min: 4, max: 60 }),
    perMs: fc.integer({ min: 1_000, max: 60_000 }),
    part: fc.nat(99),
  })
  .map(({ calls, perMs, part }): CallBudget => ({ calls, perMs, reserve: Math.floor((part * (calls / 2 - 1)) / 100) }));

describe('call budget', () => {
  test('a full bucket is half of what a window allows, and one window refills as much', () => {
    assert.equal(bucketCapacity(BUDGET), 600);
    const later = refill({ level: 0, atMonoMs: 5_000 }, BUDGET, { monoMs: 305_000, rho: 0 });
    assert.deepEqual(later, { level: 600, atMonoMs: 305_000 });
    assert.equal(refill(later, BUDGET, { monoMs: 999_999, rho: 0 }).level, 600, 'no more than full');
  });

  test('a clock that may run fast earns less', () => {
    const { level } = refill({ level: 0, atMonoMs: 0 }, BUDGET, { monoMs: 100_000, rho: RHO });
    assert.equal(level, 198);
  });

  test('the reserve is touched by failovers only', () => {
    assert.equal(waitForCallsMs({ level: 301, atMonoMs: 0 }, BUDGET, 1), 0);
    assert.equal(waitForCallsMs({ level: 300, atMonoMs: 0 }, BUDGET, 1), 500);
    assert.equal(waitForCallsMs({ level: 300, atMonoMs: 0 }, BUDGET, 2), 1_000);
    assert.equal(spend({ level: 300, atMonoMs: 0 }, BUDGET, 2).level, 298);
  });

  test('failovers may owe, but no more than one window', () => {
    assert.equal(spend({ level: 1, atMonoMs: 0 }, BUDGET, 5).level, -4);
    assert.equal(spend({ level: -1_199, atMonoMs: 0 }, BUDGET, 5).level, -1_200);
  });

  test('what costs more than the bucket holds beside the reserve waits until it is full, and not for ever', () => {
    const small: CallBudget = { calls: 5, perMs: 1_000, reserve: 1 };
    assert.equal(waitForCallsMs({ level: 2.5, atMonoMs: 0 }, small, 2), 0);
    assert.equal(waitForCallsMs({ level: 1.5, atMonoMs: 0 }, small, 2), 400);
  });

  const TAKEN_OVER: readonly [name: string, recorded: number | null, level: number][] = [
    ['no more than the reserve, however much was left', 600, 300],
    ['what was left, when that is less', 40, 40],
    ['what failovers owe', -20, -20],
    ['no more owed than one window, whatever a damaged record says', -1e15, -1_200],
    ['the reserve when nobody has counted yet', null, 300],
  ];
  for (const [name, recorded, level] of TAKEN_OVER) {
    test(`a successor begins with ${name}`, () => {
      assert.deepEqual(takeOverBucket(BUDGET, recorded, 77), { level, atMonoMs: 77 });
    });
  }

  test('whatever window the provider counts by, the rest gets no more calls than it allows, over any number of controllers', () => {
    const moment = fc.record({ afterMs: fc.nat(20_000), isNewController: fc.boolean(), isMany: fc.boolean() });
    fc.assert(
      fc.property(budgets, fc.array(moment, { maxLength: 200 }), (budget, moments) => {
        const made: number[] = [];
        let trueMs = 0;
        // The clock of the holder: it began somewhere else and runs fast by all that rho allows.
        let shiftMs = 0;
        const mono = () => shiftMs + trueMs * (1 + RHO);
        let bucket: CallBucket = takeOverBucket(budget, null, mono());
        for (const { afterMs, isNewController, isMany } of moments) {
          trueMs += afterMs;
          if (isNewController) {
            shiftMs += 1e9;
            bucket = takeOverBucket(budget, bucket.level, mono());
          }
          for (let tries = isMany ? 100 : 1; tries > 0; tries -= 1) {
            bucket = refill(bucket, budget, { monoMs: mono(), rho: RHO });
            if (waitForCallsMs(bucket, budget, 1) > 0) break;
            bucket = spend(bucket, budget, 1);
            made.push(trueMs);
          }
        }
        for (const from of made) {
          const inWindow = made.filter((at) => at >= from && at < from + budget.perMs).length;
          assert.ok(inWindow <= budget.calls, `${inWindow} of ${budget.calls} calls from ${from}`);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('who waits as long as is said gets the call', () => {
    fc.assert(
      fc.property(
        budgets,
        fc.integer({ min: -2_000, max: 1_000 }),
        fc.integer({ min: 1, max: 3 }),
        (budget, level, cost) => {
          const bucket = { level: Math.max(-budget.calls, Math.min(level, bucketCapacity(budget))), atMonoMs: 0 };
          const waitMs = waitForCallsMs(bucket, budget, cost);
          const then = refill(bucket, budget, { monoMs: waitMs, rho: 0 });
          assert.equal(waitForCallsMs(then, budget, cost), 0);
        },
      ),
    );
  });
});
