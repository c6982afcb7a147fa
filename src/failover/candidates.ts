// Which nodes could become active, in order of preference with what the order rests on, and why the others cannot.
import type { NodeId } from '../base/ids.ts';
import { overThreshold } from './node-failures.ts';
import type { Refusal } from './refusal.ts';
import type { NodeRules } from './service-rules.ts';
import type { MachineState } from './service-state.ts';
import { unhealthyStandby } from './standby-health.ts';
import { strayHolder } from './stray-holder.ts';
import { saysActive } from './swept-status.ts';

/** What is compared, in this order: health as a standby, readiness, priority, lag, failures, vantage, id. */
export type CandidateScore = {
  readonly node: NodeId;
  /** No quorum holds that it would not be usable as the warm standby that it is. */
  readonly healthy: boolean;
  /** What its last precheck said; unknown without one. */
  readonly ready: 'yes' | 'no' | 'unknown';
  readonly priority: number;
  /** How far behind it is, as its precheck printed it; null when it did not say. */
  readonly lag: number | null;
  readonly failures: number;
  readonly vantage: string | null;
  /** Stands where the active node stands, and may share its fate. */
  readonly besideActive: boolean;
};

export type Candidates = {
  readonly eligible: readonly NodeId[];
  /** One for each eligible node, in the same order. */
  readonly scores: readonly CandidateScore[];
  readonly excluded: readonly { readonly node: NodeId; readonly refusal: Refusal }[];
};

/** Pure and total; `except` are those already tried. */
export function candidates(state: MachineState, except: readonly NodeId[]): Candidates {
  const scores: CandidateScore[] = [];
  const excluded: { node: NodeId; refusal: Refusal }[] = [];
  for (const node of state.rules.nodes) {
    if (except.includes(node.id)) continue;
    const refusal = notStartable(state, node);
    if (refusal === null) scores.push(scoreOf(state, node));
    else excluded.push({ node: node.id, refusal });
  }
  scores.sort(byPreference);
  return { eligible: scores.map(({ node }) => node), scores, excluded };
}

function scoreOf(state: MachineState, node: NodeRules): CandidateScore {
  const { rules, service, local } = state;
  const precheck = local.prechecks[node.id];
  const active = rules.nodes.find(({ id }) => id === service.active);
  return {
    node: node.id,
    healthy: unhealthyStandby(state, node.id) === null,
    ready: precheck === undefined ? 'unknown' : precheck.ok ? 'yes' : 'no',
    priority: node.priority,
    lag: precheck?.lag ?? null,
    failures: service.failures[node.id]?.length ?? 0,
    vantage: node.vantage,
    besideActive: node.vantage !== null && node.vantage === active?.vantage,
  };
}

function byPreference(a: CandidateScore, b: CandidateScore): number {
  const lag = ({ lag }: CandidateScore) => lag ?? Number.POSITIVE_INFINITY;
  return (
    Number(!a.healthy) - Number(!b.healthy) ||
    Number(a.ready === 'no') - Number(b.ready === 'no') ||
    a.priority - b.priority ||
    compare(lag(a), lag(b)) ||
    a.failures - b.failures ||
    Number(a.besideActive) - Number(b.besideActive) ||
    compare(a.node, b.node)
  );
}

/** Not a difference, because two infinities have none. */
function compare<T extends number | string>(a: T, b: T): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Why the node must not be chosen; null when it may. Whether it can really start is found out by PRECHECK. */
export function notStartable(state: MachineState, node: NodeRules): Refusal | null {
  return (
    never(node) ??
    strayHolder(state) ??
    heldBack(state, node) ??
    notHealthyEnough(state, node) ??
    unreachable(state, node) ??
    overThreshold(state, node.id) ??
    lagging(state, node)
  );
}

function never(node: NodeRules): Refusal | null {
  if (node.priority > 0) return null;
  return {
    rule: 'node.never',
    reason: `node ${node.id} has priority ${node.priority} and is never made active`,
    remedy: 'Give the node a priority of 1 or more',
  };
}

function heldBack(state: MachineState, node: NodeRules): Refusal | null {
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
  if (state.breadcrumbs[node.id]?.kind !== 'joining') return null;
  return {
    rule: 'S7.joining',
    reason: `node ${node.id} was added to a running service and has not been proven down yet`,
    remedy: `Let it join with oneup rejoin ${state.rules.id} --node ${node.id}`,
  };
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
  if (state.rules.exclusive && saysActive(state, node.id)) {
    return {
      rule: 'target.answering',
      reason: `the status of node ${node.id} says that it is active already`,
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

/** Neither a prober nor its own precheck reaches the host: a move there would be an outage for nothing (S32, FC-06). */
function unreachable({ rules, local }: MachineState, node: NodeRules): Refusal | null {
  const isGone = local.view.nodes[node.id]?.reach === 'unreached' && local.prechecks[node.id]?.ok === false;
  if (!isGone) return null;
  return {
    rule: 'target.unreachable',
    reason: `nobody reaches the host of node ${node.id}: ${local.prechecks[node.id]?.reason}`,
    remedy: `Look at the host; oneup why ${rules.id} shows what the probers see`,
  };
}

function lagging({ rules, local }: MachineState, node: NodeRules): Refusal | null {
  const lag = local.prechecks[node.id]?.lag ?? null;
  if (rules.maxLag === null || lag === null || lag <= rules.maxLag) return null;
  return {
    rule: 'candidate.lagging',
    reason: `node ${node.id} lags by ${lag}, failover.maxLag is ${rules.maxLag}`,
    remedy: 'Wait until it has caught up',
  };
}
