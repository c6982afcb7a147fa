// Runs whichever kind of check a target asks for: a table of kinds, so that a new kind does not compile until it is here.
import type { Clock } from '../base/clock.ts';
import type { ParentEnvironment } from '../base/parent-environment.ts';
import type { CheckTarget } from '../config/config.ts';
import type { CheckOutcome } from './check-outcome.ts';
import { execCheck } from './exec-check.ts';
import { httpCheck } from './http-check.ts';
import { createRunCommand } from './run-command.ts';
import { tcpCheck } from './tcp-check.ts';

export type RunCheckOptions = {
  /** The deadline of the check. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly parentEnv: ParentEnvironment;
};

type Kinds = {
  readonly [Kind in CheckTarget['kind']]: (
    target: Extract<CheckTarget, { kind: Kind }>,
    options: RunCheckOptions,
  ) => Promise<CheckOutcome>;
};

const KINDS: Kinds = {
  http: httpCheck,
  tcp: tcpCheck,
  exec: (target, { clock, ...rest }) => execCheck(target, { ...rest, runCommand: createRunCommand({ clock }) }),
};

/**
 * One attempt on one address. Never rejects and always resolves by the deadline. Do not run the check again before
 * `lingering` has resolved (S23).
 */
export function runCheck(target: CheckTarget, options: RunCheckOptions): Promise<CheckOutcome> {
  // The table pairs each kind with its own target; TypeScript cannot follow that through a lookup.
  const check = KINDS[target.kind] as (target: CheckTarget, options: RunCheckOptions) => Promise<CheckOutcome>;
  return check(target, options);
}
