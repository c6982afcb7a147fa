// Which nodes an operation leaves as failed: they come back by `rejoin` only (S36).
import type { NodeId } from '../base/ids.ts';
import type { Operation } from './operation.ts';
import type { FailedNode, ServiceRecord } from './service-state.ts';
import { operationIn, type Transition } from './transition.ts';

/** The failed nodes of the service with those that this operation fenced, and `node`, added. */
export function failedAfter(t: Transition, node: NodeId | null): ServiceRecord['failed'] {
  const op = operationIn(t);
  const failed = { ...t.state.service.failed };
  for (const id of op.fenced) failed[id] ??= failedNode(op, withProof(t, id, id === node ? op.reason : null));
  if (node !== null) failed[node] ??= failedNode(op, withProof(t, node, op.reason));
  return failed;
}

/** What made it fail, and what its proof rests on: a fence that was begun may have proved nothing, and a person's word did. */
function withProof({ state }: Transition, node: NodeId, reason: string | null): string {
  const crumb = state.breadcrumbs[node];
  const how = crumb?.kind === 'down' ? `proven down: ${crumb.how}` : null;
  return [reason, how].filter((part) => part !== null).join('; ') || 'it was fenced';
}

/** The beginning of an incident: the operation's journal and history hold its evidence. */
export function failedNode({ opId }: Operation, why: string): FailedNode {
  return { opId, why, stage: 'failed', rootCause: null, actor: null };
}

/** The phase that ended says why this target failed; `failure` is about those before it, too. */
export function failedTarget(op: Operation): FailedNode {
  return failedNode(op, op.phases.at(-1)?.summary ?? op.failure ?? 'start failed');
}
