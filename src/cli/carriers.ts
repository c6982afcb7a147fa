// Every kind of action with what it needs of this process: the wiring of the node drivers.
import type { Clock } from '../base/clock.ts';
import type { ParentEnvironment } from '../base/parent-environment.ts';
import type { Config } from '../config/config.ts';
import type { ActionCarriers } from '../nodes/action-carrier.ts';
import { createExecCarrier } from '../nodes/exec/exec-carrier.ts';
import type { Runner } from '../nodes/exec/start-runner.ts';
import { createHttpCarrier } from '../nodes/http/http-carrier.ts';
import { createSshCarrier } from '../nodes/ssh/ssh-carrier.ts';
import { createRunCommand } from '../probe/run-command.ts';
import { guardPath } from './guard-path.ts';

export type CarrierDeps = {
  readonly config: Config;
  readonly clock: Clock;
  readonly runner: Runner;
  readonly parentEnv: ParentEnvironment;
  /** Made for one term, because its orders are guarded by it (S8). */
  readonly agent: ActionCarriers['agent'];
  /** The controller's may-act deadline (S3). */
  readonly mayActUntilBootMs: () => number;
};

export function createCarriers({ config, runner, agent, ...deps }: CarrierDeps): ActionCarriers {
  const shared = { ...deps, secrets: config.secrets };
  const runCommand = createRunCommand(deps);
  return {
    exec: createExecCarrier({ ...shared, runner, runCommand, guardPath: guardPath(config.cluster) }),
    ssh: createSshCarrier(shared),
    http: createHttpCarrier(shared),
    agent,
  };
}
