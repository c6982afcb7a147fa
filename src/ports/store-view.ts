// A prober's own copy of the cluster's small records, kept up to date by one watch. A hint for deciding when to look and what
// to show; whoever writes guards the commit by versions, so an old copy is refused by the store and never by luck (S6).
import type { StoreEntry } from './store.ts';

export type StoreView = {
  readonly get: (key: string) => StoreEntry | undefined;
  /** Entries under the prefix, in key order. */
  readonly list: (prefix: string) => readonly StoreEntry[];
  /** Store revision up to which the copy is complete; zero before the first load. */
  readonly revision: () => number;
  /** Monotonic time of the last proof that the store answers and the copy is current; null before the first. */
  readonly confirmedAtMonoMs: () => number | null;
  /**
   * Calls `listener` once for each batch of changes that touches a folder, which ends with a slash, or one whole key:
   * `op/web` does not hear of `op/web2`. Returns how to stop.
   */
  readonly onChange: (prefix: string, listener: () => void) => () => void;
  /** Resolves when the first load is complete. */
  readonly ready: Promise<void>;
};
