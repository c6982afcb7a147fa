// The servers themselves fail while somebody is controller: they are killed and started again, or stand still with every
// connection open, for less and for more than a session lasts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ElectionEngine } from './election-engine.ts';
import { SHORT, withElection } from './election-world.ts';

const STOPS_MS = [1_000, 4_000];

export function describeServerOutages(engine: () => ElectionEngine): void {
  test('servers that are killed and started again: at most one acts at any time, and one does in the end', async () => {
    await withElection(engine(), SHORT, async ({ actor, acts, until }) => {
      await actor('the first controller');
      await engine().killAndRestart();
      const backAtMs = performance.now();
      await until('somebody afterwards', () => acts.some(({ toMs }) => toMs > backAtMs));
    });
  });

  test('servers that stand still for one second and for four: at most one acts at any time, and one does in the end', async () => {
    await withElection(engine(), SHORT, async ({ actor }) => {
      const first = await actor('the first controller');
      for (const ms of STOPS_MS) {
        engine().setStopped(true);
        try {
          await sleep(ms);
        } finally {
          engine().setStopped(false);
        }
        await actor('somebody afterwards');
      }
      assert.equal(first.tenure.mayAct(), false, 'four seconds outlast its session');
      const last = await actor('somebody in the end');
      assert.ok(last.tenure.term > first.tenure.term);
    });
  });
}
