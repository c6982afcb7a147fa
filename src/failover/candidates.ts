// Which nodes could become active, in order of preference, and why the others cannot.
import type { NodeId } from '../base/ids.ts';
import type { Refusal } from './refusal.ts';
import type { NodeRules } from './service-rules.ts';
import type { MachineState } from './service-state.ts';

export type Candidates = {
  readonly eligible: readonly NodeId[];
  readonly excluded: readonly { readonly node: NodeId; readonly refusal: Refusal }[];
};

/** Eligible nodes, lowest priority number first, then by id; `except` are those already tried. */
export function candidates(state: MachineState, except: readonly NodeId[]): Candidates {
  const eligible: NodeRules[] = [];
  const excluded: { node: NodeId; refusal: Refusal }[] = [];
  for (const node of state.rules.nodes) {
    if (except.includes(node.id)) continue;
    const refusal = notStartable(state, node);
    if (refusal === null) eligible.push(node);
    else excluded.push({ node: node.id, refusal });
  }
  eligible.sort((a, b) => a.priority - b.priority || (a.id < b.id ? -1 : 1));
  return { eligible: eligible.map((node) => node.id), excluded };
}

/** Why the node must not be chosen; null when it may. Whether it can really start is found out by PRECHECK. */
export function notStartable(state: MachineState, node: NodeRules): Refusal | null {
  if (node.priority <= 0) {
    return {
      rule: 'node.never',
      reason: `node ${node.id} has priority ${node.priority} and is never made active`,
      remedy: 'Give the node a priority of 1 or more',
    };
  }
  const failed = state.service.failed[node.id];
  if (failed !== undefined) {
    return {
      rule: 'S36.rejoin-needed',
      reason: `node ${node.id} failed in operation ${failed.opId}: ${failed.why}`,
      remedy: `Repair it, then run oneup rejoin ${state.rules.id} --node ${node.id}`,
    };
  }
  if (state.service.nodeMaintenance[node.id] !== undefined) {
    return {
      rule: 'S35.maintenance',
      reason: `node ${node.id} is in maintenance`,
      remedy: `End it with oneup maintenance off ${state.rules.id} --node ${node.id}`,
    };
  }
  if (state.breadcrumbs[node.id]?.kind === 'joining') {
    return {
      rule: 'S7.joining',
      reason: `node ${node.id} was added to a running service and has not been proven down yet`,
      remedy: `Let it join with oneup rejoin ${state.rules.id} --node ${node.id}`,
    };
  }
  return notHealthyEnough(state, node);
}

function notHealthyEnough(state: MachineState, node: NodeRules): Refusal | null {
  const view = state.local.view.nodes[node.id];
  if (state.rules.exclusive && (view?.answering.length ?? 0) > 0) {
    return {
      rule: 'target.answering',
      reason: `node ${node.id} already answers as active, seen by ${view?.answering.map((a) => a.prober).join(', ')}`,
      remedy: `Stop that instance, or take it over with oneup adopt ${state.rules.id} --node ${node.id}`,
    };
  }
  if (!state.rules.exclusive && view?.up.kind !== 'agreed') {
    return {
      rule: 'S24.quorum-pending',
      reason: `the probers do not agree that node ${node.id} is up`,
      remedy: `Look at the node; oneup why ${state.rules.id} shows the votes`,
    };
  }
  return null;
}
