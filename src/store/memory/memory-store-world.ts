// The reference engine: one world in memory that any number of clients share, each with its own clock, as processes share
// a server. It is the plainest reading of the contract; the other engines are compared with it.
import type { Clock } from '../../base/clock.ts';
import type { ClockBounds } from '../../base/clock-bounds.ts';
import type { Store } from '../../ports/store.ts';
import { EmbeddedStore } from '../embedded-store.ts';
import { type MemoryFaults, NO_FAULTS, withFaults } from './memory-faults.ts';
import { MemoryState } from './memory-state.ts';

/** As the SQLite engine keeps by default. */
const LOG_REVISIONS_MAX = 10_000;

export type MemoryStoreOptions = {
  readonly clock: Clock;
  readonly bounds: ClockBounds;
  readonly pollMs?: number;
  readonly lockWaitMs?: number;
  /** What goes wrong for this client, asked before and after each of its calls [nothing]. */
  readonly faults?: Partial<MemoryFaults>;
};

export class MemoryStoreWorld {
  readonly #state: MemoryState;

  constructor({ logRevisionsMax = LOG_REVISIONS_MAX }: { readonly logRevisionsMax?: number } = {}) {
    this.#state = new MemoryState(logRevisionsMax);
  }

  /** One more client of this world. Disposing it leaves the world as it is. */
  connect({ faults, ...options }: MemoryStoreOptions): Store {
    return new EmbeddedStore(withFaults(this.#state, { ...NO_FAULTS, ...faults }), options);
  }
}
