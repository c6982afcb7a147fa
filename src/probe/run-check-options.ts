// What every kind of check is given besides its target: the deadline, the clock, and what scripts may know of this process.
import type { Clock } from '../base/clock.ts';
import type { ParentEnvironment } from '../base/parent-environment.ts';

export type RunCheckOptions = {
  /** The deadline of the check. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly parentEnv: ParentEnvironment;
};
