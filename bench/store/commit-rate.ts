// How many commits a store takes in a second, each guarded by the version of the one before as all of oneup's are: from one
// client, and from three at once.
import type { Store } from '../../src/ports/store.ts';
import type { StorePlace } from './store-place.ts';

/** About as long as an observation. */
const VALUE = JSON.stringify({ verdict: 'up', reason: 'x'.repeat(180) });

export async function commitsPerSecond(
  { clients, clock }: StorePlace,
  writers: 1 | 3,
  rateMs: number,
): Promise<number> {
  const beganMs = clock.monotonicMs();
  const counts = await Promise.all(
    clients
      .slice(0, writers)
      .map((store, place) =>
        commitFor(store, `/oneup/test/bench/${place}`, () => clock.monotonicMs() - beganMs < rateMs),
      ),
  );
  const tookMs = clock.monotonicMs() - beganMs;
  return counts.reduce((sum, count) => sum + count, 0) / (tookMs / 1_000);
}

async function commitFor(store: Store, key: string, goesOn: () => boolean): Promise<number> {
  let version = (await store.get(key))?.version ?? null;
  let count = 0;
  while (goesOn()) {
    const guard = version === null ? ({ kind: 'absent', key } as const) : ({ kind: 'version', key, version } as const);
    const token = crypto.randomUUID();
    const result = await store.commit({ guards: [guard], writes: [{ kind: 'put', key, value: VALUE }], token });
    if (result.kind !== 'committed') throw new Error(`Cannot measure: a commit of ${key} ended as ${result.kind}`);
    version = result.revision;
    count += 1;
  }
  return count;
}
