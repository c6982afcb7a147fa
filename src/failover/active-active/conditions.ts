// What is wrong with an active-active service, for alerts and for `status`, from the state alone.
import type { Refusal } from '../refusal.ts';
import { dnsProblems } from '../second-record.ts';
import type { MachineState } from '../service-state.ts';
import { answerSet } from './answer-set.ts';
import { healthyNodes, isWanted, memberOf, setRules } from './members.ts';

/** `about`: the node, or `service`. */
export type SetCondition = {
  readonly about: string;
  readonly level: 'warning' | 'critical';
  readonly refusal: Refusal;
};

export function setConditions(state: MachineState): readonly SetCondition[] {
  const whole = tooFewHealthy(state);
  const service = whole === null ? [] : [{ about: 'service', level: 'critical', refusal: whole } as const];
  return [...service, ...state.rules.nodes.flatMap(({ id }) => ofNode(state, id))];
}

/** S28: why the answer does not follow health; null when it does, or when nothing was ever answered. */
function tooFewHealthy(state: MachineState): Refusal | null {
  const set = answerSet(state);
  if (set.kind === 'healthy' || state.service.epoch === 0) return null;
  const { minHealthy } = setRules(state);
  const healthy = healthyNodes(state).length;
  const figures = `only ${healthy} of at least ${minHealthy} nodes are healthy`;
  const remedy = `Bring a node back; oneup why ${state.rules.id} shows the votes on each`;
  if (set.kind === 'last')
    return {
      rule: 'S28.last-answer',
      reason: `${figures}, and nobody may be named anew: the last answer stays`,
      remedy,
    };
  const names = set.answers.map(({ node }) => node).join(', ');
  return { rule: 'S28.fail-open', reason: `${figures}, so every verified node is answered: ${names}`, remedy };
}

function ofNode(state: MachineState, node: string): readonly SetCondition[] {
  const { problem, verified, isIn, owesResync } = memberOf(state, node);
  if (!isWanted(state, node)) return [];
  const retry = `It is tried again; at once with oneup rejoin ${state.rules.id} --node ${node}`;
  if (problem !== null && owesResync) {
    const refusal: Refusal = {
      rule: 'node.resync-failed',
      reason: `${node} cannot come back: ${problem}`,
      remedy: retry,
    };
    return [{ about: node, level: 'critical', refusal }];
  }
  const isDown = state.local.view.nodes[node]?.down.kind === 'agreed';
  if (isIn || !isDown || verified === null) return [];
  const reason = `${node} is down and out of the answer`;
  const remedy = 'Repair it; it answers again once the quorum holds it up';
  return [{ about: node, level: 'warning', refusal: { rule: 'node.out-of-answer', reason, remedy } }];
}

/** Words of `Steady` (steady.ts) that say something of an active-active service. */
type SetSteady = 'unassigned' | 'active' | 'suspect' | 'operation' | 'degraded' | 'blocked' | 'exhausted';

export function steadyOfSet(state: MachineState): SetSteady {
  const { op, service, local } = state;
  if (op !== null) return op.blocked === null ? 'operation' : 'blocked';
  if (service.epoch === 0) return 'unassigned';
  const set = answerSet(state);
  if (set.kind === 'last' || healthyNodes(state).length === 0) return 'exhausted';
  if (set.kind === 'failOpen' || dnsProblems(state).length > 0 || setConditions(state).length > 0) return 'degraded';
  return healthyNodes(state).some((node) => (local.view.nodes[node]?.suspectedBy.length ?? 0) > 0)
    ? 'suspect'
    : 'active';
}
