// How long it takes from the beginning of one client's commit until the two others hear of it through their watches.
import type { Store } from '../../src/ports/store.ts';
import type { StorePlace } from './store-place.ts';

const PREFIX = '/oneup/test/heard/';
const HEARD_MAX_MS = 10_000;
/** Commits do not keep step with whatever rhythm a store looks in. */
const PAUSE_MAX_MS = 20;

/** Milliseconds, one for each event and listener. */
export async function watchLatencies({ clients, clock }: StorePlace, events: number): Promise<readonly number[]> {
  const [writer, ...listeners] = clients;
  const stop = new AbortController();
  const heard = listeners.map(() => new Map<string, number>());
  // The first commit comes after what the listeners begin from.
  const { revision } = await writer.list(PREFIX);
  const following = listeners.map((store, place) =>
    follow(store, { fromRevision: revision, signal: stop.signal }, (key) =>
      heard[place]?.set(key, clock.monotonicMs()),
    ),
  );
  const took: number[] = [];
  try {
    for (let event = 0; event < events; event += 1) {
      const key = `${PREFIX}${crypto.randomUUID()}`;
      const beganMs = clock.monotonicMs();
      await writer.commit({ guards: [], writes: [{ kind: 'put', key, value: '{}' }], token: crypto.randomUUID() });
      const isLate = () => clock.monotonicMs() - beganMs > HEARD_MAX_MS;
      while (!heard.every((times) => times.has(key))) {
        if (isLate()) throw new Error(`Cannot measure: an event was not heard of in ${HEARD_MAX_MS} ms`);
        await clock.sleep(1, { signal: stop.signal });
      }
      took.push(...heard.map((times) => (times.get(key) ?? 0) - beganMs));
      await clock.sleep(Math.random() * PAUSE_MAX_MS, { signal: stop.signal });
    }
  } finally {
    stop.abort(new Error('measured'));
    await Promise.all(following);
  }
  return took;
}

type From = { readonly fromRevision: number; readonly signal: AbortSignal };

async function follow(store: Store, from: From, hear: (key: string) => void): Promise<void> {
  try {
    for await (const event of store.watch(PREFIX, from)) {
      if (event.kind === 'put') hear(event.entry.key);
    }
  } catch (error) {
    if (!from.signal.aborted) throw error;
  }
}
