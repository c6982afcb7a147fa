// What the local guard remembers of a node (S13): read from its file, so that any prober of this machine may ask.
import type { ActionContext, NodeRole } from '../../ports/node-driver.ts';
import type { Recalled } from '../action-carrier.ts';
import type { GuardRecord } from './guard-record.ts';
import { isGroupAlive } from './process-group.ts';
import { isSameProcessAlive, readBootId } from './process-identity.ts';
import { readGuardRecord } from './read-guard-record.ts';

/** Changes nothing, needs no runner. */
export function recallNode({ cluster, service, node }: ActionContext, guardPath: string): Recalled {
  const found = readGuardRecord(guardPath, { cluster, service, node });
  const record = found.ok ? found.value : null;
  const isRunning = record !== null && isStepRunning(record);
  const remembered = found.ok ? rememberRole(record, isRunning) : { role: 'unknown' as const, reason: found.error };
  return {
    ...remembered,
    running: record === null || record.phase === 'done' ? null : isRunning,
    generation: record?.position.generation ?? 0,
    epoch: record?.position.epoch ?? 0,
    step: record?.position.step ?? 0,
    lastResult: record?.result ?? null,
    isStarting: isRunning && record?.action === 'start',
    isHeard: found.ok,
  };
}

/** A claim whose runner lives is about to spawn; a gate that was recorded runs as long as its group. */
function isStepRunning(record: GuardRecord): boolean {
  if (record.result !== null) return false;
  if (record.phase === 'claimed') return isSameProcessAlive(record.owner);
  return record.leader !== null && isGroupAlive(record.leader);
}

function rememberRole(
  record: GuardRecord | null,
  isRunning: boolean,
): { readonly role: NodeRole; readonly reason: string } {
  if (record === null) return { role: 'unknown', reason: 'The guard remembers nothing of this node' };
  if (isRunning && record.action === 'start') return { role: 'starting', reason: 'The start script runs' };
  if (record.bootId !== readBootId()) return { role: 'unknown', reason: 'The machine was booted since (S13)' };
  if (record.instance !== 'unknown')
    return { role: record.instance, reason: `The guard remembers it as ${record.instance}` };
  const how = record.result?.reason ?? `${record.action} has no result`;
  return { role: 'unknown', reason: `The guard does not know what the last action left: ${how}` };
}
