// What the name of an active-active service should answer, from the state alone: the healthy nodes by weight, below minHealthy
// every verified one, and with none of those whatever was answered last. Never nothing, never an unverified address (S28).
import type { NodeId } from '../../base/ids.ts';
import { type DnsWish, lastWritten } from '../dns-desire.ts';
import { modeRefusal } from '../hold.ts';
import type { Answered, TtlLevel } from '../intent.ts';
import type { MachineState } from '../service-state.ts';
import { healthyNodes, memberOf, RAMP_STEPS, setRules, verifiedNodes } from './members.ts';

/** `failOpen`: too few are healthy, so health is not looked at; `last`: nobody may be named anew, so nothing is changed. */
export type AnswerSet =
  | { readonly kind: 'healthy' | 'failOpen'; readonly answers: readonly Answered[] }
  | { readonly kind: 'last' };

export function answerSet(state: MachineState): AnswerSet {
  const { minHealthy, weights } = setRules(state);
  const healthy = healthyNodes(state);
  const fullWeight = (node: NodeId) => (weights[node] ?? 1) * RAMP_STEPS;
  if (healthy.length > 0 && healthy.length >= minHealthy) {
    const share = (node: NodeId) => (weights[node] ?? 1) * memberOf(state, node).stage;
    return { kind: 'healthy', answers: reduced(healthy.map((node) => ({ node, weight: share(node) }))) };
  }
  const verified = verifiedNodes(state);
  if (verified.length === 0) return { kind: 'last' };
  // A slow start protects the node that comes back; with too few nodes the others need protection more.
  return { kind: 'failOpen', answers: reduced(verified.map((node) => ({ node, weight: fullWeight(node) }))) };
}

/** The smallest whole numbers of the same proportion, so that equal shares are 1 and are written without weights. */
function reduced(answers: readonly Answered[]): readonly Answered[] {
  const common = answers.reduce((divisor, { weight }) => greatestDivisor(divisor, weight), 0);
  return answers.map(({ node, weight }) => ({ node, weight: weight / common }));
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** null as long as no node was ever verified. */
export function desiredAnswer(state: MachineState): DnsWish | null {
  const { dns, epoch } = state.service;
  const last = lastWritten(dns);
  // S35: hands off means DNS too.
  const isHeld = modeRefusal(state) !== null;
  const set = answerSet(state);
  if (isHeld || set.kind === 'last') {
    if (last === null) return null;
    return withoutSeq(last, isHeld || !state.rules.ttl.followsSuspicion ? last.level : 'suspect');
  }
  return { node: null, epoch, level: levelFor(state, set.kind), answers: set.answers };
}

function withoutSeq({ node, epoch, answers }: DnsWish, level: TtlLevel): DnsWish {
  return { node, epoch, level, ...(answers === undefined ? {} : { answers }) };
}

/** Short from the first failing vote on any node that answers, or while too few are healthy; then until it is stable. */
function levelFor(state: MachineState, kind: 'healthy' | 'failOpen'): TtlLevel {
  const { local, rules, service } = state;
  // Nothing is planned here, so where a TTL costs a call it never changes.
  if (!rules.ttl.followsSuspicion) return 'steady';
  const isDoubtful = healthyNodes(state).some((node) => {
    const view = local.view.nodes[node];
    return (view?.suspectedBy.length ?? 0) > 0 || view?.down.kind === 'agreed';
  });
  if (kind === 'failOpen' || isDoubtful) return 'suspect';
  return service.settling ? 'settling' : 'steady';
}
