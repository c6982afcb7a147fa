// The controller is killed with SIGKILL at every boundary of the journal: before each effect, after it and before its RESULT,
// and right after each commit of an operation. Whatever the point, the end is the same, and everything happens once (I5, I6).
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Phase } from '../../src/failover/operation.ts';
import { PHASES } from '../../src/failover/phase-table.ts';
import { Cluster } from './support/cluster.ts';
import { killAndTell } from './support/kill-and-tell.ts';
import { STORIES } from './support/stories.ts';

const TABLE = Object.entries(PHASES) as [Exclude<Phase, 'DONE'>, (typeof PHASES)[keyof typeof PHASES]][];
const WITH_EFFECT = TABLE.filter(([, { effect }]) => effect !== 'none').map(([phase]) => phase);
/** A precheck that was under way when the operation began is not asked again, so that point can be missed. */
const TRIES_MAX = 3;
/** More commits than a switchover makes; the test ends at the first that is not reached. */
const COMMITS_MAX = 40;
/** Nine probers on two cores: one that is late for half a second must not be away when its vote is needed. */
const OPTIONS = { hasFaultPoints: true, changes: [['sessionTtl: 3s', 'sessionTtl: 2s']] } as const;

describe('a killed controller', { concurrency: 3 }, () => {
  test('before the effect of each phase: the next one does it, once', (t) => killAtEach(t, 'before'));

  test('after the effect of each phase, before its RESULT: the next one takes what was done and does not repeat it', (t) =>
    killAtEach(t, 'after'));

  test('right after every commit of a switchover', async () => {
    await using cluster = await Cluster.running(OPTIONS);
    const story = STORIES.START_NEW;
    let count = 1;
    while (count < COMMITS_MAX && (await killAndTell(cluster, story, { kind: 'commit', count }))) count += 1;
    // Fewer would mean that the phases of a switchover are not committed one by one any more.
    assert.ok(count > 8 && count < COMMITS_MAX, `the switchover made ${count - 1} commits`);
  });
});

async function killAtEach(t: TestContext, when: 'before' | 'after'): Promise<void> {
  await using cluster = await Cluster.running(OPTIONS);
  let isSound = true;
  for (const phase of WITH_EFFECT) {
    // A cluster in which one story went wrong would only make the next ones wait.
    if (!isSound) break;
    isSound = false;
    await t.test(`${when} the effect of ${phase}`, async () => {
      let tries = 1;
      while (!(await killAndTell(cluster, STORIES[phase], { kind: 'effect', phase, when }))) {
        assert.ok(tries < TRIES_MAX, `nobody was killed ${when} the effect of ${phase}`);
        tries += 1;
      }
      isSound = true;
    });
  }
}
