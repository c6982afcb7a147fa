// What a prober is given: its place in the cluster, the store, and the ways to look. Wired in one place, src/cli.
import type { Clock } from '../base/clock.ts';
import type { ProberId } from '../base/ids.ts';
import type { StoreKeys } from '../base/store-keys.ts';
import type { CheckTarget, Config, ReferenceTarget } from '../config/config.ts';
import type { ProbeResult } from '../health/probe-result.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store.ts';
import type { StoreView } from '../ports/store-view.ts';

/** A finished look; `lingering` resolves when the same check may be run again (S23), null when it may at once. */
export type Looked = { readonly result: ProbeResult; readonly lingering: Promise<void> | null };

export type ProberDeps = {
  readonly id: ProberId;
  readonly version: string;
  readonly config: Config;
  readonly keys: StoreKeys;
  readonly store: Store;
  readonly view: StoreView;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly runCheck: (target: CheckTarget, options: { readonly signal: AbortSignal }) => Promise<Looked>;
  readonly probeReference: (target: ReferenceTarget, options: { readonly signal: AbortSignal }) => Promise<Looked>;
  /** A part that is never used again, for session ids. */
  readonly uniqueId: () => string;
  /** The same for as long as the process runs, whatever becomes of its store [one for each life of the roles]. */
  readonly processId?: string;
  readonly signal: AbortSignal;
};
