// The servers themselves fail while somebody is controller: they are killed and started again, or stand still with every
// connection open, for less and for more than a session lasts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ElectionEngine } from './election-engine.ts';
import { SHORT, withElection } from './election-world.ts';

const STOPS_TTLS = [2 / 3, 8 / 3];

export function describeServerOutages(engine: () => ElectionEngine): void {
  test('servers that are killed and started again: at most one acts at any time, and one does in the end', async () => {
    await withElection(engine(), SHORT, async ({ actor, acts, until }) => {
      await actor('the first controller');
      await engine().killAndRestart();
      const backAtMs = performance.now();
      await until('somebody afterwards', () => acts.some(({ toMs }) => toMs > backAtMs));
    });
  });

  test('servers that stand still for less and for more than a session lasts: at most one acts at any time, and one does in the end', async () => {
    await withElection(engine(), SHORT, async ({ actor }) => {
      const first = await actor('the first controller');
      for (const ttls of STOPS_TTLS) {
        engine().setStopped(true);
        try {
          await sleep(first.tenure.session.ttlMs * ttls);
        } finally {
          engine().setStopped(false);
        }
        await actor('somebody afterwards');
      }
      assert.equal(first.tenure.mayAct(), false, 'the longer one outlasts its session');
      const last = await actor('somebody in the end');
      assert.ok(last.tenure.term > first.tenure.term);
    });
  });
}
