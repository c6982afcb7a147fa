// A node that a planned move has left was stopped in good order, and may be behind the new active a moment later. Where the
// configuration says so it is marked with the move, and rejoins by itself: no candidate before its resync has ended.
import type { NodeId } from '../base/ids.ts';
import { createOperation } from './create-operation.ts';
import { failedNode } from './failed-nodes.ts';
import { modeRefusal } from './hold.ts';
import { hasWayBack } from './operation-kinds.ts';
import type { MachineState, ServiceRecord } from './service-state.ts';
import { operationIn, type Transition } from './transition.ts';

/** The failed nodes with the one that this move has left; in the commit by which the target becomes active. */
export function withResyncDue(t: Transition, failed: ServiceRecord['failed']): ServiceRecord['failed'] {
  const op = operationIn(t);
  const { from, to, rules } = op;
  if (rules.resyncAfter !== 'move' || !hasWayBack(op) || from === null || from === to) return failed;
  const isResynced = rules.nodes.some(({ id, actions }) => id === from && actions.resync !== null);
  if (!isResynced || failed[from] !== undefined) return failed;
  return { ...failed, [from]: { ...failedNode(op, WHY), stage: 'resyncing' } };
}

const WHY = 'it was active before this move, and its resync has not ended yet';

/** Begins it once the move has ended, its DNS part included. A resync that fails or makes room is a person's (S36). */
export function considerResync(t: Transition): boolean {
  const { tail, service } = t.state;
  if (tail !== null || modeRefusal(t.state) !== null) return false;
  const node = Object.keys(service.failed).find((id) => isDue(t.state, id));
  if (node === undefined) return false;
  createOperation(t, {
    kind: 'rejoin',
    from: node,
    to: null,
    reason: `it was active before ${service.failed[node]?.opId}, failover.resyncAfter is move`,
    actor: 'oneup',
    rules: ['S36'],
    evidence: {},
  });
  return true;
}

/** While no operation runs a node is at this stage only because a move has left it there: whatever ends a rejoin moves it on. */
function isDue({ rules, service, local }: MachineState, node: NodeId): boolean {
  if (service.failed[node]?.stage !== 'resyncing' || service.active === node) return false;
  if (!rules.nodes.some(({ id }) => id === node) || service.nodeMaintenance[node] !== undefined) return false;
  const active = service.active === null ? undefined : local.view.nodes[service.active];
  return active?.up.kind === 'agreed' && (local.view.nodes[node]?.answering.length ?? 0) === 0;
}
