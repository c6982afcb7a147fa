// A planned move at a provider with its TTLs: lowered, the old one waited out before anything is stopped, the new address, and
// the TTL restored once the service is stable (DN-05).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { endOf, journalOf } from './provider-stories.ts';
import { prepare, STORIES, tell } from './stories.ts';
import { openStory, type StoryKind } from './story-place.ts';
import { waitUntil } from './wait-until.ts';
import { watchHeld } from './watch-held.ts';

/** Seconds; a provider may take none that is shorter. */
export type PlannedTtls = { readonly steady: number; readonly lowered: number };

const SECOND_MS = 1_000;

export function describePlannedTtl(kind: StoryKind, { steady, lowered }: PlannedTtls): void {
  describe(`the TTL of a planned move at ${kind}`, () => {
    test('it is lowered, the old one is waited out, then comes the cutover, and it is restored (DN-05)', async () => {
      await using place = await openStory(kind, {
        changes: [
          ['steady: 1s, suspect: 1s, settling: 1s', `steady: ${steady}s, suspect: ${lowered}s, settling: ${lowered}s`],
          ['stableFor: 1h', 'stableFor: 2s'],
        ],
      });
      const { cluster, held } = place;
      await waitUntil('the steady TTL', async () => (await held()).ttl === steady, cluster.patienceMs);
      const { from, to } = await prepare(cluster, STORIES.CUTOVER);
      const watch = watchHeld(place);
      const ended = await tell(cluster, STORIES.CUTOVER, { from, to });
      assert.equal(ended.outcome, 'done', ended.summary);
      const [before, after] = [cluster.network.nodes[from], cluster.network.nodes[to]];
      const isRestored = () => watch.last()?.address === after && watch.last()?.ttl === steady;
      await waitUntil('the TTL to be restored', isRestored, cluster.patienceMs);
      const seen = await watch.stop();
      assert.deepEqual(
        seen.map(({ address, ttl }) => [address, ttl]),
        [
          [before, steady],
          [before, lowered],
          [after, lowered],
          [after, steady],
        ],
      );
      const journal = await journalOf(place);
      const waited = endOf(journal, 'TTL_LOWER');
      assert.ok(waited.wallMs - (seen[1]?.notYetWallMs ?? 0) >= steady * SECOND_MS, 'the old TTL is waited out');
      const stop = journal.find(({ kind: entry, phase }) => entry === 'INTENT' && phase === 'STOP_OLD');
      assert.ok(stop !== undefined && stop.seq > waited.seq, 'nothing is stopped before');
    });
  });
}
