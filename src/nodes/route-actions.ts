// The node driver of oneup: each action goes to the carrier of its kind, so one node may be started over ssh and fenced by a
// script here. Adoption and status go to the carrier of the start action, whose guard remembers what runs (S13).
import type { Clock } from '../base/clock.ts';
import type { NodeId, ServiceId } from '../base/ids.ts';
import type { ActionConfig, ActionsConfig } from '../config/config.ts';
import type { Logger } from '../ports/logger.ts';
import type { ActionContext, ActionResult, NodeDriver } from '../ports/node-driver.ts';
import { type ActionCarriers, withoutEvidence } from './action-carrier.ts';
import { carrierOf } from './carrier-of.ts';
import { fenceLevel, queryLevel } from './fence-level.ts';
import { readNodeStatus } from './read-node-status.ts';

export type NodeDriverOptions = {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly carriers: ActionCarriers;
  /** The actions in force for a node, or null when there is no such node. An operation sees its own config (S7). */
  readonly actionsOf: (service: ServiceId, node: NodeId) => ActionsConfig | null;
};

/** Where no action is configured. */
const NOTHING: ActionConfig = { driver: 'exec', command: { argv: ['true'], env: [], cwd: null }, timeoutMs: 1_000 };
/** An adoption only writes; a guard that needs longer than this does not answer. */
const ADOPT_MAX_MS = 10_000;

/** Never rejects for what scripts, nodes or guards do: that is the result, with the code of the fault in front. */
export function createNodeDriver(options: NodeDriverOptions): NodeDriver {
  const { clock, carriers } = options;
  const actionsOf = ({ service, node }: ActionContext) => options.actionsOf(service, node);
  const toFence = (context: ActionContext) => ({ clock, carriers, actions: actionsOf(context) });
  return {
    act: async (action, context, { timeoutMs, signal }) => {
      const config = actionsOf(context)?.[action] ?? null;
      if (config === null) return missing(action, context);
      const result = await carrierOf(config, carriers).act({ context, action, part: 0, timeoutMs, signal });
      report(options, { context, action, result });
      return result;
    },
    adopt: async (context, { signal }) => {
      const actions = actionsOf(context);
      if (actions === null) return missing('start', context);
      // What nobody here starts is remembered by the guard of this machine.
      const start = actions.start ?? actions.stop ?? NOTHING;
      const step = { context, action: 'adopt', part: 0, timeoutMs: ADOPT_MAX_MS, signal };
      const result = await carrierOf(start, carriers).adopt(step);
      report(options, { context, action: 'adopt', result });
      return result;
    },
    precheck: (context, limits) => runPrecheck(options, { context, ...limits }),
    status: (context, { signal }) => readNodeStatus(context, { carriers, actions: actionsOf(context), signal }),
    fence: (context, limits) => fenceLevel(context, { ...toFence(context), ...limits }),
    fenceStatus: (context, limits) => queryLevel(context, { ...toFence(context), ...limits }),
  };
}

type Asked = { readonly context: ActionContext; readonly timeoutMs: number; readonly signal: AbortSignal };

/** A precheck is a question: no step, no record, and its exit code is the answer. */
async function runPrecheck({ actionsOf, carriers }: NodeDriverOptions, asked: Asked): Promise<ActionResult> {
  const { context, timeoutMs, signal } = asked;
  const config = actionsOf(context.service, context.node)?.precheck ?? null;
  if (config === null) return missing('precheck', context);
  const answer = await carrierOf({ ...config, timeoutMs }, carriers).query({ context, action: 'precheck', signal });
  const { evidence } = answer;
  const isReady = evidence.exitCode === 0;
  const said = answer.kind === 'said' ? answer.word : isReady ? 'exit code 0' : answer.reason;
  return { kind: isReady ? 'done' : 'failed', reason: said, evidence, repeated: false };
}

function report(
  { logger }: NodeDriverOptions,
  done: { context: ActionContext; action: string; result: ActionResult },
): void {
  const { context, action, result } = done;
  const { service, node, epoch, step, opId } = context;
  const { kind, reason, repeated } = result;
  logger.debug({ service, node, epoch, step, opId, action, kind, reason, repeated }, 'Action ended');
}

/** Never `done`: an action that does not exist proves nothing, least of all a stop. */
function missing(action: string, { service, node }: ActionContext): ActionResult {
  return withoutEvidence(
    'failed',
    `Cannot ${action} ${service}/${node}: no such action is configured; add actions.${action}`,
  );
}
