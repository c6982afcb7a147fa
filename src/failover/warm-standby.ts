// A warm standby runs, so a stop would end what is well: where nothing says that it may be active, its own status action is asked
// in this operation, and `standby` is the proof that it is not (S17).
import type { NodeId } from '../base/ids.ts';
import type { Question } from './intent.ts';
import type { Answer } from './machine-event.ts';
import type { Operation, OperationKind } from './operation.ts';
import { proveDown } from './proof.ts';
import type { MachineState } from './service-state.ts';
import { ask, note, patchLocal, questionKey, type Transition } from './transition.ts';

/** They end with an acknowledged stop by their nature (S35, S36), or end what was seen to answer. */
const STOPS_ALWAYS: readonly OperationKind[] = ['rejoin', 'release', 'conflict'];

/** Asks, unless it has answered already; true while the answer is waited for. */
export function awaitsStandby(t: Transition, op: Operation, node: NodeId): boolean {
  if (!canBeAsked(t.state, op, node) || t.state.local.notStandby.includes(questionKey(question(op, node))))
    return false;
  ask(t, question(op, node));
  return true;
}

/** A grant was never given to it since its proof was lost: whoever was granted needs another proof (S17). */
function canBeAsked({ breadcrumbs }: MachineState, { kind, rules }: Operation, node: NodeId): boolean {
  const hasStatus = rules.nodes.some(({ id, actions }) => id === node && actions.status !== null);
  // An absent record means unknown (S11).
  const isUnknown = (breadcrumbs[node]?.kind ?? 'unknown') === 'unknown';
  return rules.warmStandby && hasStatus && isUnknown && !STOPS_ALWAYS.includes(kind);
}

/** The answer to a question of another operation says nothing about this one. */
function question({ opId }: Operation, node: NodeId): Question {
  return { kind: 'standby', node, opId };
}

export function answerStandby(t: Transition, key: string, answer: Extract<Answer, { kind: 'status' }>): void {
  const { op, local } = t.state;
  const { node, role, reason } = answer;
  if (op === null || op.phase !== 'STOP_OLD' || op.intent !== null || key !== questionKey(question(op, node))) return;
  if (!canBeAsked(t.state, op, node)) return;
  if (role === 'standby')
    return proveDown(t, node, `its status action, asked in this operation, says standby: ${reason}`);
  note(t, `Node ${node} does not say that it is a standby: ${reason}`, { rules: ['S17'], evidence: { node, role } });
  patchLocal(t, { notStandby: [...local.notStandby, key] });
}
