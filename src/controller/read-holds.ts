// Everything that would hold a move of a service at this moment, each with its remedy: modes, gates, assertions, brakes.
import { automaticRefusal } from '../failover/automatic-rules.ts';
import { candidates } from '../failover/candidates.ts';
import { modeRefusal } from '../failover/hold.ts';
import type { Refusal } from '../failover/refusal.ts';
import { safetyRefusal } from '../failover/safety-rules.ts';
import type { MachineState } from '../failover/service-state.ts';

/** The rule that would hold an automatic failover of the active node; null when none would, or when none is active. */
export function automaticHold(state: MachineState): Refusal | null {
  const { active } = state.service;
  if (active === null) return null;
  // Past the grace of a new term, which says nothing about the service.
  const now = { monoMs: state.local.termSinceMonoMs + state.rules.startupGraceMs, wallMs: 0 };
  return automaticRefusal(state, active, now);
}

/** What would hold a planned move to the best candidate: modes, every closed gate, the assertion. */
export function plannedHolds(state: MachineState): readonly Refusal[] {
  const { active, closedGates } = state.service;
  const [to = null] = candidates(state, active === null ? [] : [active]).eligible;
  // One gate at a time, because the rule itself names the first that is closed.
  const gates = [...Object.keys(closedGates), null].map((gate) => {
    const closed = gate === null ? undefined : closedGates[gate];
    const only = gate === null || closed === undefined ? {} : { [gate]: closed };
    return safetyRefusal({ ...state, service: { ...state.service, closedGates: only } }, to);
  });
  return distinct([modeRefusal(state), ...gates]);
}

/** One of each reason, in the order in which they came. */
export function distinct(refusals: readonly (Refusal | null | undefined)[]): readonly Refusal[] {
  const seen = new Set<string>();
  return refusals
    .filter((refusal) => refusal !== null && refusal !== undefined)
    .filter(({ rule, reason }) => !seen.has(`${rule} ${reason}`) && seen.add(`${rule} ${reason}`));
}
