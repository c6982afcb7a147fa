// Requests that one call of the contract makes at a provider, as its double counts them; the queries that go over one connection
// to a server of dynamic updates are one. A first write of a name takes a few more; it happens once.
import type { ExternalProviderConfig } from '../config/provider-config.ts';
import type { CallKind } from './call-counters.ts';

type Costs = Readonly<Record<CallKind, number>>;

const COSTS: Readonly<Record<ExternalProviderConfig['kind'], Costs>> = {
  // A look just before the update; who asks the servers whether they have it is PROPAGATE.
  rfc2136: { list: 1, apply: 2, confirm: 0 },
  // Two names, one by one; and the notify.
  powerdns: { list: 2, apply: 3, confirm: 0 },
  route53: { list: 1, apply: 1, confirm: 1 },
  // The ids of the records are listed before every batch; the API cannot say when its name servers have a change.
  cloudflare: { list: 1, apply: 2, confirm: 0 },
};

/**
 * Who answers one call too many by refusing all calls of the account for a time, those of failovers too. Cloudflare does: over the
 * limit "all API calls for the next five minutes will be blocked" (https://developers.cloudflare.com/fundamentals/api/reference/limits/).
 * Route 53 refuses the call that was too much and no other ("Throttling", "Rate exceeded",
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html), and a server of one's own counts no calls.
 */
const BLOCKS_ACCOUNT: Readonly<Record<ExternalProviderConfig['kind'], boolean>> = {
  rfc2136: false,
  powerdns: false,
  route53: false,
  cloudflare: true,
};

export function blocksAccount(provider: ExternalProviderConfig['kind']): boolean {
  return BLOCKS_ACCOUNT[provider];
}

/** What a refused write asks beside its cost: what stands there instead. */
export const REFUSAL_COST = 1;

export function callCost(provider: ExternalProviderConfig['kind'], call: CallKind): number {
  return COSTS[provider][call];
}
