// What a running oneup process is made of, before it is made: the parts that tests may replace or wrap, and nothing else may.
// No flag, environment variable or configuration key reaches `wrapPorts`.
import type { Clock } from '../base/clock.ts';
import type { ParentEnvironment } from '../base/parent-environment.ts';
import type { ControllerPorts } from '../controller/controller-deps.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store.ts';

export type AppDeps = {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly parentEnv: ParentEnvironment;
  readonly uniqueId: () => string;
  readonly signal: AbortSignal;
  readonly pid: number;
  /** Tells the sessions of this process from those of a double, for as long as it runs [one is made]. */
  readonly processId?: string;
  readonly wrapPorts?: (ports: ControllerPorts) => ControllerPorts;
  readonly wrapStore?: (store: Store) => Store;
};
