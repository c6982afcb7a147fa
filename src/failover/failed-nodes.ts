// Which nodes an operation leaves as failed: they come back by `rejoin` only (S36).
import type { NodeId } from '../base/ids.ts';
import type { Operation } from './operation.ts';
import type { FailedNode, ServiceRecord } from './service-state.ts';
import { operationIn, type Transition } from './transition.ts';

/** The failed nodes of the service with those that this operation fenced, and `node`, added. */
export function failedAfter(t: Transition, node: NodeId | null): ServiceRecord['failed'] {
  const op = operationIn(t);
  const failed = { ...t.state.service.failed };
  for (const node of op.fenced) failed[node] ??= failedNode(op, 'it was fenced');
  if (node !== null) failed[node] ??= failedNode(op, op.reason);
  return failed;
}

/** The beginning of an incident: the operation's journal and history hold its evidence. */
export function failedNode({ opId }: Operation, why: string): FailedNode {
  return { opId, why, stage: 'failed', rootCause: null, actor: null };
}
