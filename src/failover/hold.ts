// What holds a running operation between two steps: a mode that an operator set, or its age. What is in flight ends first;
// then the operation stands still as BLOCKED and says why (S34, S35).
import { formatDuration } from '../base/duration.ts';
import type { Operation, Phase } from './operation.ts';
import type { Refusal, RuleId } from './refusal.ts';
import type { MachineState } from './service-state.ts';
import { block, operationIn, patchLocal, patchOperation, type Transition } from './transition.ts';

const HOLDS: readonly RuleId[] = ['S35.maintenance', 'S35.frozen', 'S34.operation-too-old'];
/** Waiting for clocks and for people's own scripts is not hanging (S34). */
const UNCOUNTED: readonly Phase[] = ['TTL_LOWER', 'DRAIN'];

/** Hands off: nothing is begun, and DNS stays as it is. */
export function modeRefusal({ service, rules }: MachineState): Refusal | null {
  if (service.maintenance !== null) {
    return {
      rule: 'S35.maintenance',
      reason: `the service is in maintenance: ${service.maintenance.reason}`,
      remedy: `End it with oneup maintenance off ${rules.id}`,
    };
  }
  if (service.frozen === null) return null;
  return {
    rule: 'S35.frozen',
    reason: `${service.frozen.actor} froze the service: ${service.frozen.reason}`,
    remedy: `Release it with oneup freeze off ${rules.id}`,
  };
}

/** How long the operation has been at work, over all of its controllers (S34). */
export function ageMs(op: Operation, phaseSinceMonoMs: number, nowMonoMs: number): number {
  const past = op.phases.filter(({ phase }) => !UNCOUNTED.includes(phase));
  const nowMs = UNCOUNTED.includes(op.phase) ? 0 : Math.max(0, nowMonoMs - phaseSinceMonoMs);
  return past.reduce((sum, { durationMs }) => sum + durationMs, nowMs);
}

function tooOld(t: Transition, op: Operation): Refusal | null {
  const { opMaxAgeMs, id } = op.rules;
  const age = ageMs(op, t.state.local.opPhaseSinceMonoMs, t.now.monoMs);
  if (age - op.continuedAtAgeMs < opMaxAgeMs) return null;
  return {
    rule: 'S34.operation-too-old',
    reason: `the operation has been at work for more than ${formatDuration(opMaxAgeMs)} in ${op.phase}`,
    remedy: `Look at it with oneup why ${id}, then run oneup continue ${id} --op ${op.opId}, or rollback or abort`,
  };
}

/** An effect that does not end is told as well: nothing hangs in silence (S34). */
export function tellAge(t: Transition): void {
  const { op } = t.state;
  if (op === null || op.intent === null || op.blocked !== null) return;
  const refusal = tooOld(t, op);
  if (refusal !== null) block(t, refusal);
}

/** Holds the operation, or lets it go on once nothing holds it any more. Returns whether it may take a step. */
export function mayGoOn(t: Transition): boolean {
  const op = operationIn(t);
  const held = op.blocked !== null && HOLDS.includes(op.blocked.rule);
  // An operation that was paused for its age goes on by a person's word only.
  const refusal = modeRefusal(t.state) ?? (op.blocked?.rule === 'S34.operation-too-old' ? op.blocked : tooOld(t, op));
  if (refusal !== null) {
    block(t, refusal);
    return false;
  }
  if (!held) return true;
  patchOperation(t, { blocked: null });
  // The time of the phase counts anew: while it was held it could not do its work.
  patchLocal(t, { opPhaseSinceMonoMs: t.now.monoMs });
  return true;
}
