// Which nodes an operation leaves as failed: they come back by `rejoin` only (S36).
import type { NodeId } from '../base/ids.ts';
import type { ServiceRecord } from './service-state.ts';
import { operationIn, type Transition } from './transition.ts';

/** The failed nodes of the service with those that this operation fenced, and `failedNode`, added. */
export function failedAfter(t: Transition, failedNode: NodeId | null): ServiceRecord['failed'] {
  const op = operationIn(t);
  const failed = { ...t.state.service.failed };
  for (const node of op.fenced) failed[node] ??= { opId: op.opId, why: 'it was fenced' };
  if (failedNode !== null) failed[failedNode] ??= { opId: op.opId, why: op.reason };
  return failed;
}
