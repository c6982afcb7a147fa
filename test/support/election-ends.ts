// How terms begin and end while everything works: the first one, a clean end, an end with something still in flight, clocks on
// the wall that are wrong, and a session that somebody else has removed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ElectionEngine } from './election-engine.ts';
import { LONG, SHORT, withElection } from './election-world.ts';
import { settled } from './store-calls.ts';

const HOUR_MS = 3_600_000;
/** Far above what anything here takes: whoever waits for such a session does not come to act in time. */
const ENDLESS_MS = 300_000;

export function describeEndsOfTerms(engine: () => ElectionEngine): void {
  test('three candidates at once on an empty store: exactly one acts, in the first term', async () => {
    await withElection(engine(), LONG, async ({ actor, acts, candidates }) => {
      const { tenure } = await actor('the first controller');
      await sleep(1_000);
      assert.deepEqual([tenure.term, acts.length], [1, 1]);
      assert.equal(candidates.filter(({ tenures }) => tenures.length > 0).length, 1);
    });
  });

  test('a candidate that is not fit does not stand for election, and no term begins', async () => {
    await withElection(engine(), { ...LONG, areFit: false }, async ({ actor, acts, candidates, sessions }) => {
      await sleep(500);
      assert.deepEqual([acts.length, await sessions()], [0, []]);
      const [, second = assert.fail('there is one')] = candidates;
      second.setFit(true);
      const { candidate, tenure } = await actor('the only one that is fit');
      assert.deepEqual([candidate.id, tenure.term], [second.id, 1]);
    });
  });

  test('after a clean resignation the next one acts without waiting for a session to expire (S9)', async () => {
    await withElection(engine(), { ...LONG, sessionTtlMs: ENDLESS_MS }, async ({ actor }) => {
      const first = await actor('the first controller');
      first.candidate.shutDown({ isAtRest: true });
      const next = await actor('its successor', ({ candidate }) => candidate !== first.candidate);
      assert.equal(next.tenure.term, 2);
    });
  });

  test('after an end with something in flight nothing is done before ttl, margin and kill time have passed (S9)', async () => {
    await withElection(engine(), SHORT, async ({ actor, acts, waitMs }) => {
      const first = await actor('the first controller');
      first.candidate.shutDown({ isAtRest: false });
      const next = await actor('its successor', ({ candidate }) => candidate !== first.candidate);
      const before = acts.findLast(({ id }) => id === first.candidate.id) ?? assert.fail('it did not act');
      const after = acts.find(({ term }) => term === next.tenure.term) ?? assert.fail('it does not act');
      // Node may fire a timer a millisecond early.
      assert.ok(after.fromMs - before.toMs >= waitMs - 2, `${after.fromMs - before.toMs} of ${waitMs} ms`);
    });
  });

  test('a wall clock that jumps an hour ahead and an hour back moves nobody (S2)', async () => {
    await withElection(engine(), LONG, async ({ actor, acts, candidates, until }) => {
      const { candidate, tenure } = await actor('the first controller');
      const other = candidates.find((one) => one !== candidate) ?? assert.fail('there is one');
      for (const wrong of [candidate, other]) {
        for (const shiftMs of [HOUR_MS, -HOUR_MS]) {
          wrong.clock.shiftWall(shiftMs);
          await sleep(500);
        }
        wrong.clock.shiftWall(0);
      }
      const deadlineMs = tenure.session.mayActUntilBootMs();
      await until('one more renewal', () => tenure.session.mayActUntilBootMs() > deadlineMs);
      assert.deepEqual([tenure.mayAct(), acts.length], [true, 1]);
    });
  });

  test('a session that is killed behind the back of its holder ends its term at once, and another one follows', async () => {
    await withElection(engine(), SHORT, async ({ actor, removeSession }) => {
      const first = await actor('the first controller');
      await removeSession(first.tenure.session.id);
      await first.tenure.session.lost;
      await settled();
      assert.deepEqual([first.tenure.signal.aborted, first.tenure.mayAct()], [true, false]);
      first.candidate.shutDown({ isAtRest: true });
      const next = await actor('its successor', ({ candidate }) => candidate !== first.candidate);
      assert.ok(next.tenure.term > first.tenure.term);
    });
  });
}
