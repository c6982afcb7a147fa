// The controller of a cluster whose record lives at a provider is killed with SIGKILL at every boundary of the journal around its
// write: the end is the same, and nothing is written twice (S26, I5, I6).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Cluster } from './cluster.ts';
import { boundaryText, CUTOVER_BOUNDARIES, RESULT_OF_WRITE } from './cutover-boundaries.ts';
import { killAndTell } from './kill-and-tell.ts';
import { STORIES } from './stories.ts';
import { openStory, type StoryKind, type StoryPlace } from './story-place.ts';
import { waitUntil } from './wait-until.ts';

export function describeKills(kind: StoryKind): void {
  describe(`a controller that writes at ${kind}`, () => {
    let place: StoryPlace;
    before(async () => {
      place = await openStory(kind);
    });
    after(() => place[Symbol.asyncDispose]());

    for (const at of CUTOVER_BOUNDARIES) {
      test(`killed ${boundaryText(at)} it leaves the same end, and nothing is written twice`, async () => {
        const { cluster, held } = place;
        const begun = await held();
        const term = await termOf(cluster);
        assert.ok(await killAndTell(cluster, STORIES.CUTOVER, at), 'somebody was killed there');
        // An operation whose last commit was the end of it is over before anybody follows: perhaps the same one, started again.
        await waitUntil('a controller of a later term', async () => (await termOf(cluster)) > term);
        const { active } = await cluster.service();
        // Once the write has a RESULT, whoever is controller knows what the provider calls it, and asks for it.
        const hasResult = CUTOVER_BOUNDARIES.indexOf(at) >= CUTOVER_BOUNDARIES.indexOf(RESULT_OF_WRITE);
        if (hasResult)
          await waitUntil('the provider to say that all of its servers have it', async () => {
            return (await cluster.service()).propagation?.provider === 'insync';
          });
        const now = await held();
        assert.equal(now.address, cluster.network.nodes[active === 'a' ? 'a' : 'b']);
        // Each write has a number of its own, and each changes the zone once.
        assert.ok(now.changes > begun.changes);
        assert.ok(now.changes - begun.changes <= now.seq - begun.seq, JSON.stringify({ begun, now }));
      });
    }
  });
}

/** 0 while nobody has the term. */
async function termOf(cluster: Cluster): Promise<number> {
  return (await cluster.status()).cluster?.controller?.term ?? 0;
}
