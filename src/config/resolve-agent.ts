// Resolves what the agent of a node runs, and the lease under which it does (S14).
import type { ActionsConfig } from './config.ts';
import type { ConfigPath } from './config-problem.ts';
import type { NodeAgentConfig } from './node-agent.ts';
import type { NodeScope } from './node-scope.ts';
import { resolveCommand } from './resolve-command.ts';
import type { AgentWritten } from './schema/agent-schema.ts';

/** L is never shorter than this unless it is written. */
const LEASE_DEFAULT_MIN_MS = 30_000;
const LEASE_SPARE_MS = 5_000;
/** The stop of the agent is answered a little after the keeper has killed. */
const STOP_ANSWER_MS = 2_000;
/** Answered from a record. */
const PRECHECK_MS = 5_000;

export function resolveAgent(
  written: AgentWritten,
  {
    name,
    scope,
    path,
    marginMs,
  }: { readonly name: string; readonly scope: NodeScope; readonly path: ConfigPath; readonly marginMs: number },
): NodeAgentConfig {
  const stopTimeoutMs = written.stopTimeout;
  const least = Math.ceil(1.5 * (stopTimeoutMs + 2 * marginMs)) + LEASE_SPARE_MS;
  const periodMs = written.lease ?? Math.max(LEASE_DEFAULT_MIN_MS, least);
  return {
    name,
    start: resolveStart(written, { scope, path }),
    lease: { periodMs, stopTimeoutMs, marginMs },
    onStoreLoss: written.onStoreLoss,
  };
}

function resolveStart(
  { run, unit }: AgentWritten,
  { scope, path }: { readonly scope: NodeScope; readonly path: ConfigPath },
): NodeAgentConfig['start'] {
  // The schema has one of them.
  if (run === undefined) return { kind: 'unit', unit: unit ?? '' };
  return { kind: 'run', command: resolveCommand(run, { scope, path: [...path, 'run'] }) };
}

/** Start and stop of a node with an agent; its report is asked before a start unless something else is. */
export function agentActions(
  written: AgentWritten,
  { precheck }: Pick<ActionsConfig, 'precheck'>,
): Pick<ActionsConfig, 'start' | 'stop' | 'precheck'> {
  return {
    start: { driver: 'agent', timeoutMs: written.startTimeout },
    stop: { driver: 'agent', timeoutMs: written.stopTimeout + STOP_ANSWER_MS },
    precheck: precheck ?? { driver: 'agent', timeoutMs: PRECHECK_MS },
  };
}
