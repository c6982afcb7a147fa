// Rules that a forced failover may set aside, each by its name and with a reason. Proof that the old node is down is not among
// them: nothing replaces it but a person's word in `confirm-down` (S17). Cooldown, budget and the mass-failure brake hold
// automatic operations only; naming them is allowed and kept in the journal, and changes nothing.
import type { Refusal, RuleId } from './refusal.ts';

export const OVERRIDABLE: readonly RuleId[] = [
  'S24.quorum-pending',
  'S25.standby-unhealthy',
  'S27.dns-drift',
  'S27.store-went-back',
  'S32.precheck-failed',
  'S36.budget',
  'S36.cooldown',
  'S36.failure-threshold',
  'S36.mass-failure',
  'assertion.startable',
  'candidate.lagging',
  'dns.write-failed',
  'gate.closed',
  'target.unreachable',
];

/** The first rule that may not be set aside, as a refusal; null when all may. */
export function overridesRefusal(overrides: readonly RuleId[]): Refusal | null {
  const wrong = overrides.find((rule) => !OVERRIDABLE.includes(rule));
  if (wrong === undefined) return null;
  return {
    rule: 'override.not-allowed',
    reason: `rule ${wrong} cannot be set aside`,
    remedy: `These can: ${OVERRIDABLE.join(', ')}`,
  };
}

/** The refusal, unless it is one that the person has named; then null. */
export function unlessOverridden(refusal: Refusal | null, overrides: readonly RuleId[]): Refusal | null {
  if (refusal === null || overrides.includes(refusal.rule)) return null;
  if (!OVERRIDABLE.includes(refusal.rule)) return refusal;
  return { ...refusal, remedy: `${refusal.remedy}, or set it aside with oneup failover --override ${refusal.rule}` };
}
