// The `exec` node driver: actions are scripts on this machine, run under the runner and remembered by the guard (S12, S13).
// It builds what the runner needs and judges nothing itself; fences and status have files of their own.
import type { ActionContext, ActionResult, NodeDriver } from '../../ports/node-driver.ts';
import type { ExecDriverOptions } from './exec-driver-options.ts';
import { fenceLevel, queryLevel } from './fence-level.ts';
import { readNodeStatus } from './read-node-status.ts';
import { runQuery } from './run-query.ts';
import { stepRequest } from './step-request.ts';

/** Never rejects for what scripts, nodes or the guard do: that is the result, with the code of the fault in front. */
export function createExecDriver(options: ExecDriverOptions): NodeDriver {
  const { runner, mayActUntilBootMs } = options;
  return {
    act: async (action, context, { timeoutMs, signal }) => {
      const config = options.actionsOf(context.service, context.node)?.[action];
      if (config === undefined || config === null) return missing(action, context);
      const request = stepRequest(options, { context, action, part: 0, command: config.command, timeoutMs });
      const result = await runner.request({ kind: 'run', untilBootMs: mayActUntilBootMs(), request }, { signal });
      report(options, { context, action, result });
      return result;
    },
    adopt: async (context, { signal }) => {
      const { cluster, service, node, generation, epoch, step } = context;
      const recorded = { key: { cluster, service, node }, position: { generation, epoch, step, part: 0 } };
      const result = await runner.request({ kind: 'adopt', untilBootMs: mayActUntilBootMs(), ...recorded }, { signal });
      report(options, { context, action: 'adopt', result });
      return result;
    },
    precheck: (context, { timeoutMs, signal }) => runPrecheck(options, { context, timeoutMs, signal }),
    status: (context, { signal }) => readNodeStatus(context, { ...options, signal }),
    fence: (context, { level, signal }) => fenceLevel(context, { ...options, level, signal }),
    fenceStatus: (context, { level, signal }) => queryLevel(context, { ...options, level, signal }),
  };
}

/** A precheck is a question: no step, no record, and its exit code is the answer. */
async function runPrecheck(
  options: ExecDriverOptions,
  asked: { readonly context: ActionContext; readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<ActionResult> {
  const { context, timeoutMs, signal } = asked;
  const config = options.actionsOf(context.service, context.node)?.precheck ?? null;
  if (config === null) return missing('precheck', context);
  const answer = await runQuery({ ...config, timeoutMs }, context, { ...options, action: 'precheck', signal });
  const { evidence } = answer;
  const isReady = evidence.exitCode === 0;
  const said = answer.kind === 'said' ? answer.word : isReady ? 'exit code 0' : answer.reason;
  return { kind: isReady ? 'done' : 'failed', reason: said, evidence, repeated: false };
}

function report(
  { logger }: ExecDriverOptions,
  done: { context: ActionContext; action: string; result: ActionResult },
): void {
  const { context, action, result } = done;
  const { service, node, epoch, step, opId } = context;
  const { kind, reason, repeated } = result;
  logger.debug({ service, node, epoch, step, opId, action, kind, reason, repeated }, 'Exec action ended');
}

/** Never `done`: an action that does not exist proves nothing, least of all a stop. */
function missing(action: string, { service, node }: ActionContext): ActionResult {
  const evidence = { exitCode: null, signal: null, output: '', durationMs: 0 };
  const reason = `Cannot ${action} ${service}/${node}: no such action is configured; add actions.${action}`;
  return { kind: 'failed', reason, evidence, repeated: false };
}
