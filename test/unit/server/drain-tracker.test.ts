// For how long old answers may live on (S31): only other values count, each for the TTL with which it was last given.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DrainTracker } from '../../../src/server/drain-tracker.ts';

function rrset(value: string, ttlSeconds: number) {
  return { name: 'web.example.com.', type: 'A', ttlSeconds, values: [value] } as const;
}

test('a name that never had other values drains nothing', () => {
  const tracker = new DrainTracker();
  assert.equal(tracker.publish(rrset('192.0.2.1', 20), 0), true);
  assert.equal(tracker.publish(rrset('192.0.2.1', 20), 10), false, 'the same data is no change');
  assert.equal(tracker.drainMs(10), 0);
});

test('a lowered TTL does not shorten what was given before it', () => {
  const tracker = new DrainTracker();
  tracker.publish(rrset('192.0.2.1', 20), 0);
  tracker.publish(rrset('192.0.2.1', 5), 1_000);
  assert.equal(tracker.drainMs(1_000), 0, 'the same values are still right');
  tracker.publish(rrset('192.0.2.2', 5), 2_000);
  assert.equal(tracker.drainMs(2_000), 19_000, 'an answer with TTL 20 was given until 1 s');
  assert.equal(tracker.drainMs(20_500), 500);
  assert.equal(tracker.drainMs(30_000), 0);
});

test('going back makes the first values right again and the second ones old', () => {
  const tracker = new DrainTracker();
  tracker.publish(rrset('192.0.2.1', 20), 0);
  tracker.publish(rrset('192.0.2.2', 10), 1_000);
  tracker.publish(rrset('192.0.2.1', 20), 2_000);
  assert.equal(tracker.drainMs(2_000), 10_000);
});
