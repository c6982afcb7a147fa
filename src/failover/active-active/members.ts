// What is known of each node of an active-active service, and which of them may answer at all (S28).
import type { NodeId } from '../../base/ids.ts';
import type { Member } from '../member.ts';
import type { ActiveActiveRules } from '../service-rules.ts';
import type { MachineState } from '../service-state.ts';
import { patchService, type Transition } from '../transition.ts';

/** Steps of a slow start: each is one write of the name, so there are few. */
export const RAMP_STEPS = 5;

const NEW_MEMBER: Member = {
  verified: null,
  isIn: false,
  owesResync: false,
  problem: null,
  stage: RAMP_STEPS,
  drained: null,
};

/** A machine that is asked for an active-active service has its rules; without them it is a fault of the machine. */
export function setRules({ rules }: MachineState): ActiveActiveRules {
  if (rules.activeActive === undefined) throw new TypeError(`Cannot go on: service ${rules.id} is active-passive`);
  return rules.activeActive;
}

export function memberOf({ service }: MachineState, node: NodeId): Member {
  return service.members?.[node] ?? NEW_MEMBER;
}

export function setMember(t: Transition, node: NodeId, patch: Partial<Member>): void {
  const known = new Set(t.state.rules.nodes.map(({ id }) => id));
  // What left the configuration is forgotten, so that a node of that name begins anew.
  const rest = Object.entries(t.state.service.members ?? {}).filter(([id]) => known.has(id));
  const next = { ...memberOf(t.state, node), ...patch };
  patchService(t, { members: { ...Object.fromEntries(rest), [node]: next } });
}

/** No person has taken it out. */
export function isWanted(state: MachineState, node: NodeId): boolean {
  return memberOf(state, node).drained === null && state.service.nodeMaintenance[node] === undefined;
}

/** S28: verified under the address it has now, and neither drained nor in maintenance. */
export function mayAnswer(state: MachineState, node: NodeId): boolean {
  const address = state.rules.nodes.find(({ id }) => id === node)?.address;
  return address !== undefined && memberOf(state, node).verified === address && isWanted(state, node);
}

/** Nodes that answer by their own health, in the order of the configuration. */
export function healthyNodes(state: MachineState): readonly NodeId[] {
  return state.rules.nodes.map(({ id }) => id).filter((id) => memberOf(state, id).isIn && mayAnswer(state, id));
}

export function verifiedNodes(state: MachineState): readonly NodeId[] {
  return state.rules.nodes.map(({ id }) => id).filter((id) => mayAnswer(state, id));
}
