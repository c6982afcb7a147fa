// What the exec carrier is built from; everything with a clock, a process or a secret comes from the wiring.
import type { Clock } from '../../base/clock.ts';
import type { ParentEnvironment } from '../../base/parent-environment.ts';
import type { Secret } from '../../base/secret.ts';
import type { RunCommand } from '../../ports/run-command.ts';
import type { Runner } from './start-runner.ts';

export type ExecCarrierOptions = {
  readonly clock: Clock;
  readonly runner: Runner;
  /** Runs queries: the status action and the confirm query of a fence level. */
  readonly runCommand: RunCommand;
  /** Absolute path of the guard's state file, the same that the runner was started with. */
  readonly guardPath: string;
  /** The controller's may-act deadline on the clock that counts suspension (S3); in the past when it has none. */
  readonly mayActUntilBootMs: () => number;
  /** Removed from all evidence. */
  readonly secrets: readonly Secret[];
  readonly parentEnv: ParentEnvironment;
};
