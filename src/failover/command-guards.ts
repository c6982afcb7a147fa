// What every command asks first: is the service free, and does the node exist?
import type { NodeId } from '../base/ids.ts';
import { modeRefusal } from './hold.ts';
import type { CommandReply } from './machine-command.ts';
import type { Refusal } from './refusal.ts';
import type { NodeRules } from './service-rules.ts';
import type { MachineState } from './service-state.ts';

export function refused(rule: Refusal['rule'], reason: string, remedy: string): CommandReply {
  return { kind: 'refused', refusal: { rule, reason, remedy } };
}

/** S10: one operation at a time; S35: none in maintenance or while frozen. */
export function notFree(state: MachineState): CommandReply | null {
  if (state.op !== null) {
    return refused(
      'S10.one-operation',
      `operation ${state.op.opId} (${state.op.kind} by ${state.op.actor}) is in phase ${state.op.phase}`,
      `Wait for it; oneup why ${state.rules.id} says what it waits for`,
    );
  }
  const refusal = modeRefusal(state);
  return refusal === null ? null : { kind: 'refused', refusal };
}

export function findNode(state: MachineState, node: NodeId): NodeRules | CommandReply {
  const found = state.rules.nodes.find((candidate) => candidate.id === node);
  const known = state.rules.nodes.map((candidate) => candidate.id).join(', ');
  return found ?? refused('node.unknown', `service ${state.rules.id} has no node ${node}`, `Its nodes are ${known}`);
}

export function isReply(value: NodeRules | CommandReply): value is CommandReply {
  return 'kind' in value;
}
