// The fake clock itself: everything above it trusts its order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeClock } from '../../support/fake-clock.ts';

const NEVER = new AbortController().signal;

test('fake clock fires timers and sleeps in the order they are due, at their own time', async () => {
  const clock = createFakeClock({ startMs: 0 });
  const seen: string[] = [];
  const note = (what: string) => seen.push(`${what}@${clock.monotonicMs()}`);
  clock.timer(30, () => note('third'));
  clock.timer(10, () => {
    note('first');
    clock.timer(5, () => note('second'));
  });
  void clock.sleep(40, { signal: NEVER }).then(() => note('fourth'));
  clock.timer(20, () => note('stopped')).stop();
  await clock.advance(100);
  assert.deepEqual(seen, ['first@10', 'second@15', 'third@30', 'fourth@40']);
  assert.equal(clock.monotonicMs(), 100);
  assert.equal(clock.pendingCount(), 0);
});

test('fake clock runs at its rate', async () => {
  const clock = createFakeClock({ startMs: 0, rate: 0.95 });
  await clock.advance(1_000);
  assert.equal(clock.monotonicMs(), 950);
});

test('fake clock keeps timers back while stalled, and monotonic time while suspended', async () => {
  const clock = createFakeClock({ startMs: 0 });
  let fired = 0;
  clock.timer(10, () => fired++);
  clock.stall(1_000);
  assert.deepEqual([fired, clock.monotonicMs(), clock.bootMs()], [0, 1_000, 1_000]);
  clock.suspend(500);
  assert.deepEqual([clock.monotonicMs(), clock.bootMs()], [1_000, 1_500]);
  await clock.advance(0);
  assert.equal(fired, 1);
});

test('fake clock rejects a sleep with the reason of its signal', async () => {
  const clock = createFakeClock();
  const controller = new AbortController();
  const sleeping = clock.sleep(10, { signal: controller.signal });
  controller.abort('enough');
  await assert.rejects(sleeping, (reason) => reason === 'enough');
  assert.equal(clock.pendingCount(), 0);
});
