// The role of a node as the guard remembers it and as the configured `status` action sees it (S13). What is seen beats what
// is remembered; a start script that runs beats everything but `active`, because it may make the node active any moment.
import type { ActionContext, NodeRole, NodeStatus } from '../../ports/node-driver.ts';
import type { ExecDriverOptions } from './exec-driver-options.ts';
import type { GuardRecord } from './guard-record.ts';
import { isGroupAlive } from './process-group.ts';
import { isSameProcessAlive, readBootId } from './process-identity.ts';
import { readGuardRecord } from './read-guard-record.ts';
import { runQuery } from './run-query.ts';

type Options = ExecDriverOptions & { readonly signal: AbortSignal };
type Role = { readonly role: NodeRole; readonly reason: string };

/** Changes nothing, never rejects, needs no runner. */
export async function readNodeStatus(context: ActionContext, options: Options): Promise<NodeStatus> {
  const { cluster, service, node } = context;
  const found = readGuardRecord(options.guardPath, { cluster, service, node });
  const record = found.ok ? found.value : null;
  const isRunning = record !== null && isStepRunning(record);
  const remembered = found.ok ? rememberRole(record, isRunning) : { role: 'unknown' as const, reason: found.error };
  const seen = await seeRole(context, options);
  const { role, reason } = combineRoles(remembered, seen, isRunning && record?.action === 'start');
  return {
    role,
    running: record === null || record.phase === 'done' ? null : isRunning,
    generation: record?.position.generation ?? 0,
    epoch: record?.position.epoch ?? 0,
    step: record?.position.step ?? 0,
    lastResult: record?.result ?? null,
    reason,
  };
}

/** A claim whose runner lives is about to spawn; a gate that was recorded runs as long as its group. */
function isStepRunning(record: GuardRecord): boolean {
  if (record.result !== null) return false;
  if (record.phase === 'claimed') return isSameProcessAlive(record.owner);
  return record.leader !== null && isGroupAlive(record.leader);
}

function rememberRole(record: GuardRecord | null, isRunning: boolean): Role {
  if (record === null) return { role: 'unknown', reason: 'The guard remembers nothing of this node' };
  if (isRunning && record.action === 'start') return { role: 'starting', reason: 'The start script runs' };
  if (record.bootId !== readBootId()) return { role: 'unknown', reason: 'The machine was booted since (S13)' };
  if (record.instance !== 'unknown')
    return { role: record.instance, reason: `The guard remembers it as ${record.instance}` };
  const how = record.result?.reason ?? `${record.action} has no result`;
  return { role: 'unknown', reason: `The guard does not know what the last action left: ${how}` };
}

/** Null when no status action is configured. */
async function seeRole(context: ActionContext, options: Options): Promise<Role | null> {
  const config = options.actionsOf(context.service, context.node)?.status ?? null;
  if (config === null) return null;
  const answer = await runQuery(config, context, { ...options, action: 'status' });
  if (answer.kind === 'failed') return { role: 'unknown', reason: answer.reason };
  const role = ROLES.find((name) => name === answer.word);
  if (role !== undefined) return { role, reason: `The status action says ${role}` };
  const said = JSON.stringify(answer.word.slice(0, WORD_CHARS));
  return {
    role: 'unknown',
    reason: `Cannot use the status action: expected one of ${ROLES.join(', ')}, value was ${said}`,
  };
}

const ROLES = ['active', 'standby', 'stopped', 'starting'] as const;
/** Longest wrong answer of a status action that is repeated in a reason. */
const WORD_CHARS = 100;

function combineRoles(remembered: Role, seen: Role | null, isStartRunning: boolean): Role {
  if (seen === null) return remembered;
  if (isStartRunning && seen.role !== 'active') {
    return { role: 'starting', reason: `${remembered.reason}, whatever the status action says (${seen.role})` };
  }
  if (seen.role === remembered.role) return seen;
  return { role: seen.role, reason: `${seen.reason}, against the guard: ${remembered.reason}` };
}
