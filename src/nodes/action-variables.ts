// What a script knows about the operation it serves: ONEUP_* variables, its own `env`, and what programs need to be found.
import type { NodeId } from '../base/ids.ts';
import { inheritedVariables, type ParentEnvironment } from '../base/parent-environment.ts';
import type { Command } from '../config/command-config.ts';
import type { ActionContext } from '../ports/node-driver.ts';

type Options = { readonly action: string; readonly command: Command };

/** The whole environment of a script on this machine. */
export function actionEnvironment(
  context: ActionContext,
  { parentEnv, ...options }: Options & { readonly parentEnv: ParentEnvironment },
): Readonly<Record<string, string>> {
  return { ...inheritedVariables(parentEnv), ...actionVariables(context, options) };
}

/** Secrets are revealed here, on their way into the one script that needs them. ONEUP_* cannot be overridden. */
export function actionVariables(
  context: ActionContext,
  { action, command }: Options,
): Readonly<Record<string, string>> {
  return {
    ...Object.fromEntries(command.env.map(([name, value]) => [name, value.reveal()])),
    ONEUP_CLUSTER: context.cluster,
    ONEUP_SERVICE: context.service,
    ONEUP_NODE: context.node,
    ONEUP_GENERATION: String(context.generation),
    ONEUP_EPOCH: String(context.epoch),
    ONEUP_STEP: String(context.step),
    ONEUP_OP_ID: context.opId,
    ONEUP_FROM: orEmpty(context.from),
    ONEUP_TO: orEmpty(context.to),
    ONEUP_ACTION: action,
  };
}

/** Set but empty, so that a script under `set -u` may look at it. */
function orEmpty(node: NodeId | null): string {
  return node ?? '';
}
