// Safety rules that the owner of a service sets for every move of it: an assertion on how many nodes could be started, and
// gates that a person closes (after the routing control rules of AWS ARC).
import type { NodeId } from '../base/ids.ts';
import { candidates } from './candidates.ts';
import type { Refusal } from './refusal.ts';
import type { MachineState } from './service-state.ts';

/** The first rule that forbids a move to `to`, or null. */
export function safetyRefusal(state: MachineState, to: NodeId | null): Refusal | null {
  return closedGate(state) ?? tooFewStartable(state, to);
}

function closedGate({ rules, service }: MachineState): Refusal | null {
  const gate = rules.gates.find((name) => service.closedGates[name] !== undefined);
  const closed = gate === undefined ? undefined : service.closedGates[gate];
  if (gate === undefined || closed === undefined) return null;
  return {
    rule: 'gate.closed',
    reason: `gate ${gate} was closed by ${closed.actor}: ${closed.reason}`,
    remedy: `Open it with oneup gate open ${rules.id} ${gate} --reason "..."`,
  };
}

function tooFewStartable(state: MachineState, to: NodeId | null): Refusal | null {
  const { minStartable } = state.rules;
  if (minStartable === 0) return null;
  const { active } = state.service;
  const startable = new Set(candidates(state, active === null ? [] : [active]).eligible);
  if (to !== null) startable.add(to);
  if (startable.size >= minStartable) return null;
  return {
    rule: 'assertion.startable',
    reason: `${startable.size} nodes could be started, safety.minStartable asks for ${minStartable}`,
    remedy: `Make another node startable: oneup why ${state.rules.id} says what keeps each from it`,
  };
}
