// The rhythm of looking: turns in steady state, rechecks while something is open, and the instant at which minDown is reached.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CheckConfig } from '../../../src/config/config.ts';
import { fold } from '../../../src/health/fold.ts';
import { type HealthState, initialHealth } from '../../../src/health/health-state.ts';
import { isOpen, nextLookMs } from '../../../src/prober/next-look.ts';

const CHECK: CheckConfig = {
  target: { kind: 'tcp', host: '192.0.2.1', port: 80 },
  intervalMs: 1_000,
  timeoutMs: 500,
  fall: 2,
  rise: 2,
  minDownMs: 200,
  recheckMs: 100,
};

function after(results: readonly ('pass' | 'fail')[], at: readonly number[]): HealthState {
  return results.reduce((health, kind, index) => {
    const time = at[index] ?? 0;
    const result =
      kind === 'pass'
        ? ({ kind, phases: {}, detail: '' } as const)
        : ({ kind, phases: {}, phase: 'connect', reason: '', reach: 'reached' } as const);
    return fold(health, { result, beganAtMonoMs: time, endedAtMonoMs: time }, CHECK);
  }, initialHealth(0));
}

const base = { check: CHECK, health: initialHealth(0), isUrgent: false, phase: 0, beganAtMonoMs: 0 };

test('nextLookMs keeps each prober at its own place in the interval, whatever a round took', () => {
  assert.equal(nextLookMs({ ...base, nowMonoMs: 5_000 }), 1_000);
  assert.equal(nextLookMs({ ...base, nowMonoMs: 5_250 }), 750);
  assert.equal(nextLookMs({ ...base, phase: 1 / 3, nowMonoMs: 5_000 }), 334);
  assert.ok(nextLookMs({ ...base, phase: 1 / 3, nowMonoMs: 1_000 / 3 }) >= 1, 'a turn is never hit twice');
});

test('nextLookMs counts the recheck from the beginning of the last round', () => {
  assert.equal(nextLookMs({ ...base, isUrgent: true, beganAtMonoMs: 5_000, nowMonoMs: 5_030 }), 70);
  assert.equal(nextLookMs({ ...base, isUrgent: true, beganAtMonoMs: 5_000, nowMonoMs: 5_600 }), 0);
});

test('nextLookMs waits the last milliseconds of minDown rather than one more recheck (S24)', () => {
  const health = after(['fail', 'fail'], [1_005, 1_103]);
  assert.equal(nextLookMs({ ...base, health, isUrgent: true, beganAtMonoMs: 1_100, nowMonoMs: 1_103 }), 102);
});

test('nextLookMs asks a node that was just started sooner, but never more often than every 10 ms nor later than recheck', () => {
  const awaited = { ...base, isUrgent: true, isAwaited: true, beganAtMonoMs: 5_000, nowMonoMs: 5_000 };
  assert.equal(nextLookMs(awaited), 25);
  assert.equal(nextLookMs({ ...awaited, nowMonoMs: 5_020 }), 5);
  assert.equal(nextLookMs({ ...awaited, nowMonoMs: 5_500 }), 0, 'a look that took long is followed by the next one');
  assert.equal(nextLookMs({ ...awaited, check: { ...CHECK, recheckMs: 20 } }), 10);
  assert.equal(nextLookMs({ ...awaited, check: { ...CHECK, recheckMs: 5 } }), 5);
  assert.equal(nextLookMs({ ...awaited, isUrgent: false }), 1_000);
});

test('isOpen while the last results speak against the verdict, and while there is none', () => {
  assert.equal(isOpen(initialHealth(0)), true);
  assert.equal(isOpen(after(['pass', 'pass'], [1_000, 1_100])), false);
  assert.equal(isOpen(after(['pass', 'pass', 'fail'], [1_000, 1_100, 1_200])), true);
  assert.equal(isOpen(after(['fail', 'fail', 'fail'], [1_000, 1_100, 1_300])), false);
});
