// Many who ask at once are one question; an answer is kept for two seconds, a failure not at all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemberCache } from '../../../src/store/member-cache.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

test('one question is under way at a time, and its answer is kept for two seconds after it came', async () => {
  const clock = createFakeClock();
  const open: PromiseWithResolvers<readonly []>[] = [];
  const cache = new MemberCache({
    clock,
    ask: () => {
      const next = Promise.withResolvers<readonly []>();
      open.push(next);
      return next.promise;
    },
  });
  const [first, second] = [cache.members(), cache.members()];
  await clock.advance(10_000);
  const third = cache.members();
  assert.equal(open.length, 1, 'however long it takes');
  open[0]?.resolve([]);
  await Promise.all([first, second, third]);
  await clock.advance(1_999);
  await cache.members();
  assert.equal(open.length, 1);
  await clock.advance(1);
  const again = cache.members();
  assert.equal(open.length, 2);
  open[1]?.reject(new Error('gone'));
  await assert.rejects(again, /gone/);
  void cache.members();
  assert.equal(open.length, 3, 'a failure is not kept');
});
