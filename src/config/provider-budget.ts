// How many calls each kind of provider allows, where its maker says so. The account is what the provider counts by: entries
// that say nothing share one for their kind, because calls that are counted twice do less harm than calls that are not counted.
import type { CallBudget } from '../plan/call-budget.ts';
import type { ProviderKind } from './provider-config.ts';

/** Null: a server of one's own, which counts nobody's calls. */
export const PROVIDER_BUDGETS: Readonly<Record<ProviderKind, CallBudget | null>> = {
  builtin: null,
  rfc2136: null,
  powerdns: null,
  // https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html: five requests a second for an account
  route53: { calls: 5, perMs: 1_000, reserve: 1 },
  // https://developers.cloudflare.com/fundamentals/api/reference/limits/: 1200 in five minutes for a user, then a block of five
  cloudflare: { calls: 1_200, perMs: 300_000, reserve: 300 },
};
