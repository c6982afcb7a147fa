// A writer that comes too late, with real probers and a zone at somebody else: whoever holds the right to act has written in the
// meantime, so the provider itself refuses the late write, and nothing of it is done (S26, S27).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { nameIn, names, runAtProvider, untilFree } from './cluster-at-provider.ts';
import type { ProberName } from './cluster-files.ts';
import type { ProviderPlace } from './provider-place.ts';
import { standStill } from './stand-still.ts';
import { waitUntil } from './wait-until.ts';

/** Far longer than anything that a controller with a passed deadline could still be doing. */
const REST_MS = 500;

export function describeStaleWriter(kind: string, open: () => Promise<ProviderPlace>): void {
  describe(`a late writer at ${kind}`, () => {
    test('a controller that was stopped in the middle of its write and wakes when another has finished', async () => {
      await using place = await open();
      await using cluster = await runAtProvider(place);
      const writers: ProberName[] = [];
      const parked = park(place, async () => {
        // Whoever holds the term now: on a busy machine that may be another one than when the test began.
        const found = await waitUntil('the controller that writes', () => cluster.controller());
        await standStill(cluster, cluster.prober(found));
        writers.push(found);
      });
      cluster.killInstance('a');
      await parked;
      const [stopped] = writers;
      assert.ok(stopped !== undefined);
      const prober = cluster.prober(stopped);
      await waitUntil('another controller to publish b', async () => {
        assert.notEqual(await cluster.controller(), stopped);
        assert.ok(names(cluster, place, 'b'));
      });
      const before = place.contents(nameIn(place));
      process.kill(prober.pid, 'SIGCONT');
      assert.deepEqual(await place.release(), ['refused']);
      await waitUntil('the old controller to see that its term has ended', () =>
        prober.log().includes('the term ends'),
      );
      await sleep(REST_MS);
      assert.deepEqual(place.contents(nameIn(place)), before);
      assert.equal((await cluster.service()).active, 'b');
    });

    test('a write that was held back on its way and arrives after the move was taken back', async () => {
      await using place = await open();
      await using cluster = await runAtProvider(place);
      const parked = park(place, async () => {});
      await cluster.accepted({ kind: 'switchover', from: 'a', to: 'b', reason: 'there' });
      await parked;
      await waitUntil('a write above the one that got no answer', () => names(cluster, place, 'b'));
      await untilFree(cluster);
      await cluster.accepted({ kind: 'switchover', from: 'b', to: 'a', reason: 'and back' });
      await waitUntil('the old answer to be back', () => names(cluster, place, 'a'));
      await untilFree(cluster);
      const before = place.contents(nameIn(place));
      assert.deepEqual(await place.release(), ['refused']);
      await sleep(REST_MS);
      assert.deepEqual(place.contents(nameIn(place)), before);
    });
  });
}

async function park(place: ProviderPlace, arrived: () => Promise<void>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    place.park(() => void arrived().then(resolve, reject));
  });
}
