// What a simulated prober does beside its roles, as the program does it: raises the high-water mark, leaves a store that is lost,
// and begins anew under another configuration (S4, S7).
import type { StoreKeys } from '../../src/base/store-keys.ts';
import type { Store } from '../../src/ports/store.ts';
import type { StoreView } from '../../src/ports/store-view.ts';
import type { SimClock } from './sim-clock.ts';
import type { SimMark } from './sim-mark.ts';

const HOUSEKEEPING_MS = 1_000;
const REOPEN_AFTER_MS = 3_000;

export type House = {
  readonly keys: StoreKeys;
  readonly clock: SimClock;
  readonly mark: SimMark;
  readonly store: Store;
  readonly view: StoreView;
  /** Of the configuration under which this life began. */
  readonly version: number | null;
};

export async function keepHouse({
  keys,
  clock,
  mark,
  store,
  view,
  version,
}: House): Promise<'reconfigured' | 'storeLost'> {
  let markedRevision = 0;
  let turn = Promise.withResolvers<void>();
  const stop = view.onChange(keys.config, () => turn.resolve());
  try {
    for (;;) {
      turn = Promise.withResolvers<void>();
      const timer = clock.timer(HOUSEKEEPING_MS, turn.resolve);
      if ((view.get(keys.config)?.version ?? null) !== version) return 'reconfigured';
      await turn.promise;
      timer.stop();
      if (isLost(store, clock)) return 'storeLost';
      if (store.health().kind === 'lost' || view.revision() === markedRevision) continue;
      markedRevision = view.revision();
      const services = view.list(keys.services).map(({ key, value }) => [key, value] as const);
      const texts = services.map(([key, value]) => [key.slice(keys.services.length), value] as const);
      if (mark.compare(markedRevision, view.get(keys.term)?.value, texts) !== 'ok') return 'storeLost';
    }
  } finally {
    stop();
  }
}

export function isLost(store: Store, clock: SimClock): boolean {
  const health = store.health();
  return health.kind === 'lost' && clock.monotonicMs() - health.sinceMonoMs > REOPEN_AFTER_MS;
}
