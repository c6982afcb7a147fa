// What the routes read and write through: this prober's copy of the records, its store and its session.
import type { Clock } from '../base/clock.ts';
import type { Result } from '../base/result.ts';
import type { Config } from '../config/config.ts';
import type { ReadDeps } from '../controller/read-model.ts';
import type { DnsProvider } from '../ports/dns-provider.ts';
import type { Session, Store } from '../ports/store.ts';

/** What the routes read, once the store is there. */
export type ApiSource = ReadDeps & {
  readonly store: Store;
  readonly clock: Clock;
  readonly session: () => Session | null;
  readonly uniqueId: () => string;
  /** Number of the store's generation (S4). */
  readonly generation: number;
  /** Throws TypeError for a name that the configuration does not have. */
  readonly provider: (name: string) => DnsProvider;
  /** Loads a configuration as this prober would, with its environment and files; an error says what is wrong with it. */
  readonly loadText: (text: string) => Result<Config, string>;
};
