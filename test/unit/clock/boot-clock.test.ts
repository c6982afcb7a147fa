// The fallback of S2: the further of monotonic and wall time, which never runs back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBootClock } from '../../../src/clock/boot-clock.ts';

const STEPS = [
  { story: 'both move together', monoMs: 100, wallMs: 5_100, bootMs: 100 },
  { story: 'suspension shows on the wall clock only', monoMs: 110, wallMs: 65_000, bootMs: 60_000 },
  { story: 'a wall clock set back changes nothing', monoMs: 120, wallMs: 0, bootMs: 60_000 },
  { story: 'monotonic time takes over when it is further', monoMs: 70_000, wallMs: 10, bootMs: 70_000 },
];

test('boot clock without uptime follows the further of monotonic and wall time (S2)', () => {
  let reading = { monoMs: 0, wallMs: 5_000 };
  const clock = openBootClock('/nonexistent/uptime', {
    monotonicMs: () => reading.monoMs,
    wallMs: () => reading.wallMs,
  });
  for (const step of STEPS) {
    reading = step;
    assert.equal(clock.nowMs(), step.bootMs, step.story);
  }
});

test('boot clock ignores a file that is no uptime', () => {
  using clock = openBootClock('/dev/null', { monotonicMs: () => 7, wallMs: () => 9 });
  assert.equal(clock.nowMs(), 0);
});
