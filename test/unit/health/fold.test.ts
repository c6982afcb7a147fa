// Verdicts are told as stories: one letter a round, p pass, f fail (host reached), x fail (host silent), e error.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fold } from '../../../src/health/fold.ts';
import { type HealthState, initialHealth } from '../../../src/health/health-state.ts';
import type { ProbeResult } from '../../../src/health/probe-result.ts';
import { isStale, staleAfterMs } from '../../../src/health/staleness.ts';

const RULES = { fall: 3, rise: 2, minDownMs: 0, intervalMs: 5_000, recheckMs: 250, timeoutMs: 3_000 };

const RESULTS: Readonly<Record<string, ProbeResult>> = {
  p: { kind: 'pass', phases: { connect: 1 }, detail: 'status 200' },
  f: { kind: 'fail', phases: { connect: 1 }, phase: 'connect', reason: 'refused', reach: 'reached' },
  x: { kind: 'fail', phases: {}, phase: 'connect', reason: 'silent', reach: 'unreached' },
  e: { kind: 'error', phases: {}, reason: 'out of sockets' },
};

function tell(
  story: string,
  { rules = RULES, stepMs = 1_000, from = initialHealth(0), startMs = 0 } = {},
): HealthState {
  let state = from;
  for (const [place, letter] of [...story].entries()) {
    const result = RESULTS[letter];
    assert.ok(result !== undefined);
    const endedAtMonoMs = startMs + place * stepMs;
    state = fold(state, { result, beganAtMonoMs: endedAtMonoMs - 10, endedAtMonoMs }, rules);
  }
  return state;
}

describe('fold', () => {
  const verdicts: readonly (readonly [story: string, verdict: HealthState['verdict'], why: string])[] = [
    ['', 'unknown', 'nothing was seen'],
    ['p', 'unknown', 'the first verdict needs rise passes'],
    ['pp', 'up', 'rise passes'],
    ['ff', 'unknown', 'the first verdict needs fall failures'],
    ['fff', 'down', 'fall failures'],
    ['ppff', 'up', 'one failure short'],
    ['ppfff', 'down', 'up to down'],
    ['ppffpfff', 'down', 'a pass begins the count anew'],
    ['ppffpff', 'up', 'a pass in between resets the failures'],
    ['fffp', 'down', 'one pass short'],
    ['fffpp', 'up', 'down to up'],
    ['fffpfp', 'down', 'a failure in between resets the passes'],
    ['ppeeeeee', 'up', 'errors never count as down (S22)'],
    ['ppfefef', 'down', 'errors do not reset failures (S22)'],
    ['ppfefe', 'up', 'errors do not advance failures (S22)'],
    ['pep', 'up', 'errors do not reset passes'],
    ['eee', 'unknown', 'errors give no verdict'],
  ];
  for (const [story, verdict, why] of verdicts) {
    test(`${story || '(nothing)'} is ${verdict}: ${why}`, () => assert.equal(tell(story).verdict, verdict));
  }

  test('down waits until minDown lies between the first and the last failure (S24)', () => {
    const rules = { ...RULES, minDownMs: 1_000 };
    assert.equal(tell('ppfff', { rules, stepMs: 400 }).verdict, 'up');
    assert.equal(tell('ppffff', { rules, stepMs: 400 }).verdict, 'down');
    assert.equal(tell('ppfff', { rules, stepMs: 500 }).verdict, 'down');
  });

  test('since is the end of the result that gave the verdict', () => {
    assert.equal(tell('ppfffff').sinceMonoMs, 4_000);
    assert.equal(tell('ppfffffe').sinceMonoMs, 4_000);
  });

  test('streak counts results of one kind and survives errors', () => {
    assert.deepEqual(tell('ppfefe').streak, { kind: 'fail', count: 2, firstEndedMonoMs: 2_000 });
  });

  test('answering and reach follow the last result that is no error', () => {
    assert.equal(tell('ppf').answering, false);
    assert.equal(tell('fffp').answering, true);
    assert.equal(tell('fffpe').answering, true);
    assert.equal(tell('ppx').reach, 'unreached');
    assert.equal(tell('ppxe').reach, 'unreached');
    assert.equal(tell('ppxf').reach, 'reached');
    assert.equal(tell('ppxp').reach, 'reached');
  });

  test('last says what the last result said, an error too', () => {
    assert.deepEqual(tell('ppx').last, { kind: 'fail', reason: 'silent', phase: 'connect', phases: {} });
    assert.equal(tell('ppe').last?.reason, 'out of sockets');
  });

  test('earliestChange is never later than the change', () => {
    const rules = { ...RULES, minDownMs: 2_000 };
    for (const story of ['ppfffffffff', 'fffffffffpp', 'pp', 'ffffffffff', 'fppffffffffff']) {
      for (let cut = 1; cut < story.length; cut += 1) {
        const before = tell(story.slice(0, cut), { rules, stepMs: 250 });
        const after = tell(story.slice(0, cut + 1), { rules, stepMs: 250 });
        if (after.verdict === before.verdict) continue;
        assert.ok((before.earliestChangeMonoMs ?? Number.POSITIVE_INFINITY) <= cut * 250, `${story} at ${cut}`);
      }
    }
  });

  test('earliestChange counts what is missing and minDown', () => {
    assert.equal(tell('pp').earliestChangeMonoMs, 1_000 + 3 * 250);
    assert.equal(tell('ppf').earliestChangeMonoMs, 2_000 + 2 * 250);
    assert.equal(tell('ppf', { rules: { ...RULES, minDownMs: 5_000 } }).earliestChangeMonoMs, 2_000 + 5_000);
    assert.equal(tell('fff').earliestChangeMonoMs, 2_000 + 2 * 250);
    assert.equal(initialHealth(0).earliestChangeMonoMs, null);
  });

  test('failures from before a stale gap are not in a row with those after it (S23)', () => {
    const before = tell('ppff');
    assert.equal(tell('f', { from: before, startMs: 3_000 + 14_000 }).verdict, 'down');
    const late = tell('f', { from: before, startMs: 3_000 + 15_100 });
    assert.equal(late.verdict, 'unknown');
    assert.equal(late.streak?.count, 1);
  });

  test('does not change the state it was given', () => {
    const before = tell('pp');
    const copy = structuredClone(before);
    tell('fff', { from: before, startMs: 2_000 });
    assert.deepEqual(before, copy);
  });
});

describe('isStale', () => {
  test('a vote without a round in 3 intervals is absent (S23)', () => {
    const state = tell('pp');
    assert.equal(isStale(state, RULES, 1_000 + 14_999), false);
    assert.equal(isStale(state, RULES, 1_000 + 15_000), true);
    assert.equal(isStale(initialHealth(0), RULES, 0), true);
  });

  test('errors do not keep a vote alive', () => {
    const state = tell('ppeeeeeeeeeeeeee');
    assert.equal(isStale(state, RULES, 16_000), true);
  });

  test('a check slower than its interval has rounds as long as itself', () => {
    assert.equal(staleAfterMs({ intervalMs: 1_000, timeoutMs: 3_000 }), 9_000);
  });
});
