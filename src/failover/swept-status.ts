// What a status that was heard in the sweep means: a sign of activity, or the word of a node that it is active (S19, S25).
import type { NodeId } from '../base/ids.ts';
import type { MachineState } from './service-state.ts';

/** A node is taken at its word when it has said the same so often in a row; one answer may be behind the times. */
export const SURE_TIMES = 2;

/** Its status says active or starting, and nothing has become known of the node since (S19). */
export function saysRunning(state: MachineState, node: NodeId): boolean {
  const status = current(state, node);
  return status?.role === 'active' || status?.role === 'starting';
}

/**
 * A node that is not the active has said more than once in this term, and lately, that it is. What became of the active is for the
 * probers alone to say (P2). A word that nobody can ask about any more counts as nothing, or it would hold every failover (S34).
 */
export function saysActive(state: MachineState, node: NodeId): boolean {
  const status = current(state, node);
  if (node === state.service.active || status?.role !== 'active') return false;
  const isLate = status.unanswered > 0 || (state.local.sweeps[node]?.heardAtMonoMs ?? null) === null;
  return !isLate && status.times >= SURE_TIMES;
}

/** And it was not acted on before: enough to stop the instance. */
export function isSurelyActive(state: MachineState, node: NodeId): boolean {
  return saysActive(state, node) && current(state, node)?.isActedOn === false;
}

/** A grant, a proof or a maintenance that came later is another story, which the next round tells. */
function current({ service, breadcrumbs, rules }: MachineState, node: NodeId) {
  const status = service.statuses[node];
  if (rules.sweepEveryMs === null || status?.crumbVersion !== (breadcrumbs[node]?.version ?? 0)) return undefined;
  return status;
}
