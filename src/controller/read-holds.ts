// Everything that would hold a move of a service at this moment, each with its remedy: modes, gates, assertions, brakes.
import type { Now } from '../base/clock.ts';
import { automaticRefusal, automaticRefusals } from '../failover/automatic-rules.ts';
import { candidates } from '../failover/candidates.ts';
import { dnsHold } from '../failover/dns-hold.ts';
import { modeRefusal } from '../failover/hold.ts';
import type { Refusal } from '../failover/refusal.ts';
import { safetyRefusal } from '../failover/safety-rules.ts';
import type { MachineState } from '../failover/service-state.ts';

/** The rule that would hold an automatic failover of the active node; null when none would, or when none is active. */
export function automaticHold(state: MachineState): Refusal | null {
  const { active } = state.service;
  return active === null ? null : automaticRefusal(state, active, afterGrace(state));
}

/** Every rule that would hold it; for `plan`, so that ending one hold does not only show the next. */
export function automaticHolds(state: MachineState): readonly Refusal[] {
  const { active } = state.service;
  return active === null ? [] : distinct(automaticRefusals(state, active, afterGrace(state)));
}

/** Past the grace of a new term, which says nothing about the service. */
function afterGrace({ local, rules }: MachineState): Now {
  return { monoMs: local.termSinceMonoMs + rules.startupGraceMs, wallMs: 0 };
}

/** What would hold a planned move to the best candidate: modes, every closed gate, the assertion, DNS. */
export function plannedHolds(state: MachineState): readonly Refusal[] {
  const { active, closedGates } = state.service;
  const [to = null] = candidates(state, active === null ? [] : [active]).eligible;
  // One gate at a time, because the rule itself names the first that is closed.
  const gates = [...Object.keys(closedGates), null].map((gate) => {
    const closed = gate === null ? undefined : closedGates[gate];
    const only = gate === null || closed === undefined ? {} : { [gate]: closed };
    return safetyRefusal({ ...state, service: { ...state.service, closedGates: only } }, to);
  });
  return distinct([modeRefusal(state), ...gates, dnsHold(state, { from: active, to })]);
}

/** One of each reason, in the order in which they came. */
export function distinct(refusals: readonly (Refusal | null | undefined)[]): readonly Refusal[] {
  const seen = new Set<string>();
  return refusals
    .filter((refusal) => refusal !== null && refusal !== undefined)
    .filter(({ rule, reason }) => !seen.has(`${rule} ${reason}`) && seen.add(`${rule} ${reason}`));
}
