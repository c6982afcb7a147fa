// What a person can ask of a running operation: give up before anything was touched, go back afterwards, or go on. Bound to
// the operation that the person saw, and done as soon as no effect is in flight (S34).
import type { OpId } from '../base/ids.ts';
import { refused } from './command-guards.ts';
import { ageMs, modeRefusal } from './hold.ts';
import type { CommandReply, MachineCommand } from './machine-command.ts';
import type { Operation } from './operation.ts';
import { beginsByItself, isYielding } from './operation-kinds.ts';
import { failTarget } from './phases-from-grant.ts';
import { giveUp } from './phases-planned.ts';
import { stage } from './phases-rejoin.ts';
import type { Refusal } from './refusal.ts';
import type { MachineState } from './service-state.ts';
import {
  dropIntent,
  enter,
  finish,
  note,
  operationIn,
  patchLocal,
  patchOperation,
  type Transition,
} from './transition.ts';

type Order = Extract<MachineCommand, { kind: 'abort' | 'rollback' | 'continue' }>;

export function orderCommand(t: Transition, actor: string, command: Order): CommandReply {
  const { op } = t.state;
  if (op === null || op.opId !== command.opId) return otherOperation(t.state, command.opId);
  switch (command.kind) {
    case 'abort':
      return abort(t, op, actor, command.reason);
    case 'rollback': {
      const refusal = noRollback(op);
      if (refusal !== null) return { kind: 'refused', refusal };
      return take(t, op, { kind: 'rollback', actor, reason: command.reason });
    }
    case 'continue':
      return goOn(t, op, actor, command.reason);
  }
}

function abort(t: Transition, op: Operation, actor: string, reason: string): CommandReply {
  if (isYielding(op)) {
    // It only prepares or looks: its script is left to its end, and nobody waits for it.
    note(t, `${actor} aborts it: ${reason}`, { rules: ['S34'] });
    abandon(t, op);
    finish(t, op.pastReturn ? 'failed' : 'aborted', `aborted by ${actor}: ${reason}`);
    return { kind: 'accepted', opId: op.opId, note: `${op.opId} is given up` };
  }
  if (op.pastReturn) return pastReturn(op);
  if (beginsByItself(op) && t.state.service.frozen === null) {
    return refused(
      'S34.past-return',
      `operation ${op.opId} (${op.kind}) would begin again at once`,
      `Hold the service first with oneup freeze on ${op.rules.id}`,
    );
  }
  return take(t, op, { kind: 'abort', actor, reason });
}

/** Forgets the effect under way of an operation that ends early: its late result meets nobody (S12). */
export function abandon(t: Transition, op: Operation): void {
  dropIntent(t);
  const node = op.from;
  if (op.kind === 'rejoin' && node !== null && t.state.service.failed[node] !== undefined) stage(t, node, 'failed');
}

function otherOperation({ op }: MachineState, opId: OpId): CommandReply {
  const running = op === null ? 'no operation is running' : `operation ${op.opId} by ${op.actor} is running`;
  return refused('S10.operation-differs', `${running}, you named ${opId}`, 'Look again with oneup status');
}

function pastReturn(op: Operation): CommandReply {
  return refused(
    'S34.past-return',
    `operation ${op.opId} has begun to stop nodes, so it cannot be undone by forgetting it`,
    `Go back with oneup rollback ${op.rules.id} --op ${op.opId}, or let it go on`,
  );
}

/** Never back to a node that was fenced, and only where there is a node to go back to (S20). */
function noRollback(op: Operation): Refusal | null {
  const reason = whyNoRollback(op);
  if (reason === null) return null;
  return {
    rule: 'S34.no-rollback',
    reason,
    remedy: op.pastReturn
      ? `Let it go on with oneup continue ${op.rules.id} --op ${op.opId}`
      : `Nothing was touched yet: oneup abort ${op.rules.id} --op ${op.opId}`,
  };
}

function whyNoRollback(op: Operation): string | null {
  if (!op.pastReturn) return `operation ${op.opId} has not stopped anything yet`;
  if (op.rollback) return `operation ${op.opId} is rolling back already`;
  if (op.from === null || op.to === null || op.from === op.to || op.kind === 'automatic') {
    return `operation ${op.opId} (${op.kind}) has no healthy node to go back to`;
  }
  return op.fenced.includes(op.from) ? `node ${op.from} was fenced and comes back by rejoin only` : null;
}

function take(t: Transition, op: Operation, order: NonNullable<Operation['order']>): CommandReply {
  note(t, `${order.actor} asks for ${order.kind}: ${order.reason}`, { rules: ['S34'] });
  patchOperation(t, { order });
  const when = op.intent === null ? '' : ` once the ${op.intent.intent.kind} of ${op.intent.intent.node} has ended`;
  return { kind: 'accepted', opId: op.opId, note: `${order.kind} of ${op.opId}${when}` };
}

function goOn(t: Transition, op: Operation, actor: string, reason: string): CommandReply {
  const mode = modeRefusal(t.state);
  if (mode !== null) return { kind: 'refused', refusal: mode };
  note(t, `${actor} lets it go on: ${reason}`, { rules: ['S34'] });
  letGoOn(t);
  return { kind: 'accepted', opId: op.opId, note: op.blocked === null ? 'nothing held it' : 'it goes on' };
}

/** A person has looked: the age counts anew, and what waits for a retry is tried at once. */
export function letGoOn(t: Transition): void {
  const op = operationIn(t);
  // As after a mode (S35): a phase that was paused for its age could do nothing, so its own deadline begins anew too.
  if (op.blocked?.rule === 'S34.operation-too-old') patchLocal(t, { opPhaseSinceMonoMs: t.now.monoMs });
  const continuedAtAgeMs = ageMs(op, t.state.local.opPhaseSinceMonoMs, t.now.monoMs);
  patchOperation(t, { blocked: null, continuedAtAgeMs });
  patchLocal(t, { fenceRetryAtMonoMs: 0, statusRetryAtMonoMs: 0 });
}

/** Carries out the order of a person; called between two steps. Returns whether there was one. */
export function carryOutOrder(t: Transition): boolean {
  const op = operationIn(t);
  if (op.order === null) return false;
  const { kind, actor, reason } = op.order;
  patchOperation(t, { order: null });
  if (kind === 'abort') {
    if (op.pastReturn) note(t, 'Too late to abort: a node is being stopped', { rules: ['S34'] });
    else giveUp(t, `aborted by ${actor}: ${reason}`);
    return true;
  }
  if (noRollback(op) !== null) note(t, `No rollback: ${whyNoRollback(op)}`, { rules: ['S34', 'S20'] });
  else if (op.startIntended) failTarget(t, `rolled back by ${actor}: ${reason}`);
  else goBack(t, op, `rolled back by ${actor}: ${reason}`);
  return true;
}

/** Nothing else was started, so the old node is granted again as soon as it is known to have stopped. */
function goBack(t: Transition, op: Operation, why: string): void {
  const { from } = op;
  if (from === null || t.state.breadcrumbs[from]?.kind !== 'down') {
    note(t, `No rollback: node ${from} did not acknowledge its stop`, { rules: ['S20'] });
    return;
  }
  const tried = op.to === null ? op.tried : [...op.tried, op.to];
  patchOperation(t, { tried, to: from, rollback: true, failure: why, clear: [] });
  enter(t, 'STOP_OLD', why);
}
