// What each store gives a cluster: commits in a second, how soon a change is heard of, and what a cluster at rest writes. Real
// servers on this machine, round by round in one run, so that the ratios between them mean something.
// ZooKeeper's test server does not wait for its disk (forceSync=no): do not compare its commits with the others'.
// Usage: node bench/store.ts [--rounds N] [--rate-ms N] [--events N] [--services N] [--steady-ms N] [--stores KIND,KIND].
// The last line is JSON.
import { commitsPerSecond } from './store/commit-rate.ts';
import { readStoreSettings, type StoreSettings } from './store/settings.ts';
import { type SteadyWrites, steadyWrites } from './store/steady-writes.ts';
import { openStorePlace, type StorePlace } from './store/store-place.ts';
import { watchLatencies } from './store/watch-latency.ts';

type Round = { readonly one: number; readonly three: number; readonly latenciesMs: readonly number[] };

async function measure(place: StorePlace, { rateMs, events }: StoreSettings): Promise<Round> {
  const one = await commitsPerSecond(place, 1, rateMs);
  const three = await commitsPerSecond(place, 3, rateMs);
  const latenciesMs = await watchLatencies(place, events);
  const late = `${round1(share(latenciesMs, 0.5))} / ${round1(share(latenciesMs, 0.99))}`;
  process.stderr.write(`${place.kind}: ${Math.round(one)} and ${Math.round(three)} commits/s, heard in ${late} ms\n`);
  return { one, three, latenciesMs };
}

function summarise(rounds: readonly Round[], steady: SteadyWrites) {
  const latenciesMs = rounds.flatMap((round) => round.latenciesMs);
  return {
    commitsPerSecond: Math.round(
      share(
        rounds.map(({ one }) => one),
        0.5,
      ),
    ),
    commitsPerSecondOfThree: Math.round(
      share(
        rounds.map(({ three }) => three),
        0.5,
      ),
    ),
    watchP50Ms: round1(share(latenciesMs, 0.5)),
    watchP99Ms: round1(share(latenciesMs, 0.99)),
    steady,
  };
}

/** The value below which this share of them lies. */
function share(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}

async function main(settings: StoreSettings): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const places: StorePlace[] = [];
  for (const kind of settings.stores) places.push(opened.use(await openStorePlace(kind)));
  const rounds = new Map(places.map(({ kind }) => [kind, [] as Round[]]));
  for (let round = 0; round < settings.rounds; round += 1) {
    for (const place of places) rounds.get(place.kind)?.push(await measure(place, settings));
  }
  const results: Record<string, ReturnType<typeof summarise>> = {};
  for (const place of places) {
    const steady = await steadyWrites(place, settings.services, settings.steadyMs);
    process.stderr.write(`${place.kind}: at rest ${JSON.stringify(steady)}\n`);
    results[place.kind] = summarise(rounds.get(place.kind) ?? [], steady);
  }
  const { sqlite } = results;
  const ratios = Object.fromEntries(
    Object.entries(results).map(([kind, result]) => {
      const to = (part: 'commitsPerSecond' | 'watchP50Ms') => round1(result[part] / (sqlite?.[part] ?? Number.NaN));
      return [kind, { commitsPerSecond: to('commitsPerSecond'), watchP50Ms: to('watchP50Ms') }];
    }),
  );
  const { services, rounds: count } = settings;
  console.log(
    JSON.stringify({ bench: 'store', rounds: count, services, results, ratiosToSqlite: sqlite ? ratios : null }),
  );
}

await main(readStoreSettings(process.argv.slice(2)));
