// Turns a configured command and its context into what the runner executes.
import type { Command } from '../../config/command-config.ts';
import type { ActionContext } from '../../ports/node-driver.ts';
import { actionEnvironment } from '../action-variables.ts';
import type { ExecCarrierOptions } from './exec-carrier-options.ts';
import type { StepRequest } from './runner-protocol.ts';

type Step = {
  readonly context: ActionContext;
  readonly action: string;
  /** 0, or the level of a fence. */
  readonly part: number;
  readonly command: Command;
  readonly timeoutMs: number;
};

type Options = Pick<ExecCarrierOptions, 'parentEnv' | 'secrets'>;

export function stepRequest({ parentEnv, secrets }: Options, step: Step): StepRequest {
  const { context, action, part, command, timeoutMs } = step;
  const { cluster, service, node, generation, epoch } = context;
  return {
    key: { cluster, service, node },
    position: { generation, epoch, step: context.step, part },
    action,
    argv: command.argv,
    env: actionEnvironment(context, { action, command, parentEnv }),
    cwd: command.cwd,
    timeoutMs,
    secrets: [...secrets, ...command.env.map(([, value]) => value)].map((secret) => secret.reveal()),
  };
}
