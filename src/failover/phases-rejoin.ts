// RESYNC: how a failed or a joining node becomes a standby again, after it was proven down (S36, S7).
import type { NodeId } from '../base/ids.ts';
import { failedNode } from './failed-nodes.ts';
import type { IntentOutcome } from './machine-event.ts';
import type { Finding } from './operation.ts';
import { nodeRules } from './phases-before-grant.ts';
import { without } from './phases-from-grant.ts';
import type { FailedNode } from './service-state.ts';
import { finish, intend, operationIn, patchOperation, patchService, raiseStep, type Transition } from './transition.ts';

export function advanceResync(t: Transition): boolean {
  const op = operationIn(t);
  const node = op.from;
  const timeoutMs = node === null ? null : nodeRules(op, node).actions.resync;
  if (node === null || timeoutMs === null) return rejoined(t, 'no resync action is configured');
  stage(t, node, 'resyncing');
  intend(t, { kind: 'resync', node, step: raiseStep(t), timeoutMs }, `Resynchronise ${node}`);
  return true;
}

export function resultResync(t: Transition, outcome: IntentOutcome): void {
  if (outcome.kind === 'done') rejoined(t, 'resynchronised');
  else {
    const { from } = operationIn(t);
    if (from !== null) stage(t, from, 'repairing');
    finish(t, 'failed', `resync of ${from} ${outcome.kind}: ${outcome.reason}`);
  }
}

/** How far a node is on its way back; one that joins is no candidate either before its resync has ended. */
export function stage(t: Transition, node: NodeId, next: FailedNode['stage']): void {
  const { failed } = t.state.service;
  const known = failed[node] ?? failedNode(operationIn(t), 'its resync has not ended yet');
  patchService(t, { failed: { ...failed, [node]: { ...known, stage: next } } });
}

function rejoined(t: Transition, how: string): true {
  const { from } = operationIn(t);
  const incident = t.state.service.failed[from ?? ''];
  // The mark goes with the rejoin; what a person found stays with its history.
  if (incident !== undefined) patchOperation(t, { findings: noted(incident) });
  patchService(t, { failed: without(t.state.service.failed, from ?? '') });
  finish(t, 'done', `node ${from} is a standby again: ${how}`);
  return true;
}

/** Names of what a repaired node's incident leaves behind. */
export const ROOT_CAUSE = 'root cause';
export const REPAIRED_BY = 'repaired by';

function noted({ rootCause, actor }: FailedNode): readonly Finding[] {
  return [
    ...(rootCause === null ? [] : [{ what: ROOT_CAUSE, ok: true, reason: rootCause }]),
    ...(actor === null ? [] : [{ what: REPAIRED_BY, ok: true, reason: actor }]),
  ];
}
