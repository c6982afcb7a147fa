// What a prober looks after every second while a store is open: whether it still is this store, and that the highest state seen
// is on the disk (S4). Says when the life of the roles under it is over.
import type { Clock } from '../base/clock.ts';
import { storeKeys } from '../base/store-keys.ts';
import type { Config } from '../config/config.ts';
import type { Logger } from '../ports/logger.ts';
import type { StoreHealth } from '../ports/store.ts';
import type { StoreView } from '../ports/store-view.ts';
import { isOtherGeneration } from '../store/cluster-record.ts';
import { compareWithStore } from '../store/high-water-mark.ts';
import { type Connected, readMark } from './connect-store.ts';

/** How often the high-water mark is raised. */
const HOUSEKEEPING_MS = 1_000;
/** A store that is lost for longer is given up, to be opened again. */
export const REOPEN_AFTER_MS = 3_000;

export type HousekeepingOptions = {
  readonly connected: Pick<Connected, 'store' | 'meta' | 'highWater'>;
  readonly view: StoreView;
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onLost: (health: Extract<StoreHealth, { kind: 'lost' }>) => void;
  /** Aborts when another configuration is in force. */
  readonly signal: AbortSignal;
};

/** Resolves with why this life ends: at once when the signal aborts, whatever hangs, so that no old configuration votes on (S7). */
export function keepHouse(options: HousekeepingOptions): Promise<'reconfigured' | 'storeLost'> {
  const { signal } = options;
  const reconfigured = new Promise<'reconfigured'>((resolve) => {
    if (signal.aborted) resolve('reconfigured');
    else signal.addEventListener('abort', () => resolve('reconfigured'), { once: true });
  });
  return Promise.race([reconfigured, untilLost(options)]);
}

async function untilLost(options: HousekeepingOptions): Promise<'reconfigured' | 'storeLost'> {
  const { connected, view, config, clock, signal, onLost } = options;
  const { store, meta } = connected;
  let marked = 0;
  for (;;) {
    await clock.sleep(HOUSEKEEPING_MS, { signal }).catch(() => undefined);
    if (signal.aborted) return 'reconfigured';
    const health = store.health();
    if (health.kind === 'lost') {
      onLost(health);
      if (clock.monotonicMs() - health.sinceMonoMs > REOPEN_AFTER_MS) return 'storeLost';
      continue;
    }
    // Somebody has begun a new generation (S4): everything is read anew.
    if (isOtherGeneration(view.get(storeKeys(config.cluster.name).meta)?.value, meta)) return 'storeLost';
    if (view.revision() === marked) continue;
    marked = view.revision();
    if (!(await raiseMark(options))) return 'storeLost';
  }
}

/** false: the store shows less than it did (S4). */
async function raiseMark({ connected, config, logger }: HousekeepingOptions): Promise<boolean> {
  const { store, meta, highWater } = connected;
  try {
    const seen = await readMark(store, config, meta);
    if (compareWithStore(highWater.mark(), seen).kind !== 'ok') return false;
    await highWater.raise(seen);
  } catch (error) {
    logger.debug({ err: error }, 'the high-water mark is not raised now');
  }
  return true;
}
