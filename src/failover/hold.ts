// What holds a running operation between two steps: a mode that an operator set, or its age. What is in flight ends first;
// then the operation stands still as BLOCKED and says why (S34, S35).
import { formatDuration } from '../base/duration.ts';
import type { Operation, Phase } from './operation.ts';
import type { Refusal, RuleId } from './refusal.ts';
import type { MachineState } from './service-state.ts';
import { block, operationIn, patchLocal, patchOperation, type Transition } from './transition.ts';

const MODES: readonly RuleId[] = ['S35.maintenance', 'S35.frozen'];
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
  // What it waited for until now is still what a person must know first.
  const { blocked } = op;
  const before = blocked === null ? '' : `${blocked.reason}; `;
  const remedy = blocked === null ? `Look at it with oneup why ${id}` : blocked.remedy;
  return {
    rule: 'S34.operation-too-old',
    reason: `${before}the operation has been at work for more than ${formatDuration(opMaxAgeMs)} in ${op.phase}`,
    remedy: `${remedy}. It goes on with oneup continue ${id} --op ${op.opId}`,
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
  const mode = modeRefusal(t.state);
  if (mode === null && op.blocked !== null && MODES.includes(op.blocked.rule)) {
    patchOperation(t, { blocked: null });
    // The time of the phase counts anew: while it was held it could not do its work, and did not age.
    patchLocal(t, { opPhaseSinceMonoMs: t.now.monoMs });
  }
  // An operation that was paused for its age goes on by a person's word only.
  const current = operationIn(t);
  const isPaused = current.blocked?.rule === 'S34.operation-too-old';
  const refusal = mode ?? (isPaused ? current.blocked : tooOld(t, current));
  if (refusal !== null) block(t, refusal);
  return refusal === null;
}
