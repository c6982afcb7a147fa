// What the routes read and write through: this prober's copy of the records, its store and its session.
import type { Clock } from '../base/clock.ts';
import type { ReadDeps } from '../controller/read-model.ts';
import type { Session, Store } from '../ports/store.ts';

/** What the routes read, once the store is there. */
export type ApiSource = ReadDeps & {
  readonly store: Store;
  readonly clock: Clock;
  readonly session: () => Session | null;
  readonly uniqueId: () => string;
};
