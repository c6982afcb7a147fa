// What three probers write while nothing happens: real probers on the store, a thousand services that pass their checks. It is
// watched for a short time and scaled to an hour; what is told says so.
import { storeKeys } from '../../src/base/store-keys.ts';
import type { Store } from '../../src/ports/store.ts';
import { startProber } from '../../src/prober/prober.ts';
import { startStoreMirror } from '../../src/store/store-mirror.ts';
import { manyServices } from '../../test/support/many-services.ts';
import { PASS, SILENT } from '../../test/support/prober-world.ts';
import { bytesOf } from '../../test/support/steady-cluster.ts';
import type { StorePlace } from './store-place.ts';

export type SteadyWrites = {
  /** From the start of the probers until every one had told of every node. */
  readonly startMs: number;
  readonly measuredMs: number;
  readonly scaledToMs: number;
  /** Commits of records, and the bytes of their keys and values. */
  readonly commitsPerHour: number;
  readonly bytesPerHour: number;
  /** Revisions of the store: with no commits of records these are the renewals of the three sessions. */
  readonly revisionsPerHour: number;
};

const HOUR_MS = 3_600_000;
const START_MAX_MS = 120_000;
const NODES_OF_SERVICE = 2;
const LOOK_MS = 100;
/** No commit for this long is rest: twice the interval of the checks. */
const REST_MS = 2_000;

export async function steadyWrites(place: StorePlace, services: number, steadyMs: number): Promise<SteadyWrites> {
  const config = manyServices(place.config, services);
  const keys = storeKeys(config.cluster.name);
  const { clock, clients } = place;
  const stop = new AbortController();
  const counts = { commits: 0, bytes: 0 };
  const look = async () => ({ result: PASS, lingering: null });
  const beganMs = clock.monotonicMs();
  const probers = config.cluster.probers.flatMap(({ id }, at) => {
    const own = clients[at];
    if (own === undefined) return [];
    const store = counting(own, counts);
    const shared = { store, clock, logger: SILENT, signal: stop.signal };
    const view = startStoreMirror({ ...shared, root: keys.root, watchTimeoutMs: 60_000 });
    const looking = { runCheck: look, probeReference: look, uniqueId: () => crypto.randomUUID() };
    return [
      startProber(
        { ...shared, ...looking, id, version: 'bench', config, keys, view },
        { digest: 'd', pid: at, configStanding: 'inForce' },
      ),
    ];
  });
  try {
    await allTold(place, keys.observations, services * NODES_OF_SERVICE * probers.length);
    const startMs = Math.round(clock.monotonicMs() - beganMs);
    await atRest(place, counts);
    const [before, from] = [{ ...counts }, await clients[0].list(keys.meta)];
    const sinceMs = clock.monotonicMs();
    await clock.sleep(steadyMs, { signal: stop.signal });
    const measuredMs = clock.monotonicMs() - sinceMs;
    const to = await clients[0].list(keys.meta);
    const perHour = (count: number) => Math.round((count * HOUR_MS) / measuredMs);
    return {
      startMs,
      measuredMs: Math.round(measuredMs),
      scaledToMs: HOUR_MS,
      commitsPerHour: perHour(counts.commits - before.commits),
      bytesPerHour: perHour(counts.bytes - before.bytes),
      revisionsPerHour: perHour(to.revision - from.revision),
    };
  } finally {
    stop.abort(new Error('measured'));
    await Promise.all(probers.map(({ done }) => done));
  }
}

async function allTold({ clients, clock }: StorePlace, prefix: string, count: number): Promise<void> {
  const { signal } = new AbortController();
  const untilMs = clock.monotonicMs() + START_MAX_MS;
  for (let found = 0; found < count; ) {
    if (clock.monotonicMs() > untilMs)
      throw new Error(`Cannot measure: ${found} of ${count} observations were written`);
    await clock.sleep(LOOK_MS, { signal });
    found = (await clients[0].list(prefix)).entries.length;
  }
}

/** The verdicts of the first looks follow their observations: measuring begins when they are told too. */
async function atRest({ clock }: StorePlace, counts: { readonly commits: number }): Promise<void> {
  const { signal } = new AbortController();
  const untilMs = clock.monotonicMs() + START_MAX_MS;
  for (let seen = -1; seen !== counts.commits; ) {
    if (clock.monotonicMs() > untilMs) throw new Error(`Cannot measure: no rest within ${START_MAX_MS} ms`);
    seen = counts.commits;
    await clock.sleep(REST_MS, { signal });
  }
}

function counting(store: Store, counts: { commits: number; bytes: number }): Store {
  return {
    kind: store.kind,
    get: (key) => store.get(key),
    list: (prefix) => store.list(prefix),
    commit: (request) => {
      counts.commits += 1;
      counts.bytes += bytesOf(request);
      return store.commit(request);
    },
    outcomeOf: (token) => store.outcomeOf(token),
    watch: (prefix, options) => store.watch(prefix, options),
    openSession: (options) => store.openSession(options),
    health: () => store.health(),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
