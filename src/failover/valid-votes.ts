// Whether enough probers vote on a node for anything to be agreed on (S24). Where they do not, a move would turn a healthy
// service off for a target that nobody could verify, and a target that nobody can look at has not failed.
import type { NodeId } from '../base/ids.ts';
import type { Operation } from './operation.ts';
import { hasWayBack } from './operation-kinds.ts';
import { unlessOverridden } from './overrides.ts';
import type { Refusal } from './refusal.ts';
import type { MachineState } from './service-state.ts';

/** Why nothing can be agreed on about the node; null when a majority has a valid vote, whatever it says. */
export function tooFewVotes(state: MachineState, node: NodeId): Refusal | null {
  const votes = state.local.view.nodes[node]?.votes ?? [];
  const valid = votes.filter(({ verdict }) => verdict !== 'absent' && verdict !== 'abstains');
  if (valid.length * 2 > votes.length) return null;
  const all = votes.map(({ prober }) => prober).join(', ');
  const away = votes.filter((vote) => !valid.includes(vote)).map(({ prober }) => prober);
  return {
    rule: 'S24.quorum-pending',
    reason: `${valid.length} of the ${votes.length} voters of ${state.rules.id} (${all}) can vote on ${node}; away: ${away.join(', ')}`,
    remedy: 'Start the probers that are away, or look at their references; oneup status shows each of them',
  };
}

/** Why a move that people asked for must not begin to stop anything now; null when it may, or when they set the rule aside. */
export function cannotBeVerified(state: MachineState, op: Operation): Refusal | null {
  if (!hasWayBack(op) || op.pastReturn || op.from === null || op.to === null) return null;
  return unlessOverridden(tooFewVotes(state, op.to), op.overrides);
}
