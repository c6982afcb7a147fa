// What no provider may be asked to do, whatever its API would allow: empty an RRset, touch the apex, leave the zone (S28),
// or write what the provider cannot hold. Found before anything is sent.
import type { DomainName } from '../src/base/ids.ts';
import { type Rrset, rrsetKeyText } from '../src/dns/rrset.ts';
import { answersOf } from '../src/dns/rrset-equality.ts';
import type { RrsetChange } from '../src/plan/rrset-change.ts';
import type { ProviderCapabilities, ProviderErrorCode } from '../src/ports/dns-provider.ts';
import { applyFailure } from './apply-failure.ts';

type Refusal = { readonly code: ProviderErrorCode; readonly reason: string };

/** The failure of a write that must not be sent, or null. */
export function refuseChanges(
  zone: DomainName,
  changes: readonly RrsetChange[],
  capabilities: ProviderCapabilities,
): ReturnType<typeof applyFailure> | null {
  const refusal = findRefusal(zone, changes, capabilities);
  if (refusal === null) return null;
  return applyFailure(refusal.code, `Cannot write ${zone}: ${refusal.reason}`, { retryable: false });
}

function findRefusal(
  zone: DomainName,
  changes: readonly RrsetChange[],
  capabilities: ProviderCapabilities,
): Refusal | null {
  const seen = new Set<string>();
  for (const { before, after } of changes) {
    const target = after ?? before;
    if (target === null) return refused('a change holds neither before nor after');
    const key = rrsetKeyText(target);
    if (seen.has(key)) return refused(`${key} is changed twice in one batch`);
    seen.add(key);
    if (before !== null && rrsetKeyText(before) !== key)
      return refused(`${key} cannot replace ${rrsetKeyText(before)}`);
    const reason = refusePlace(zone, target) ?? (after === null ? null : refuseContent(after, capabilities));
    if (reason !== null) return refused(reason);
    const ttl = after === null ? null : refuseTtl(after, capabilities);
    if (ttl !== null) return { code: 'ONEUP_PROVIDER_TTL_REFUSED', reason: ttl };
  }
  return null;
}

function refused(reason: string): Refusal {
  return { code: 'ONEUP_PROVIDER_REFUSED', reason };
}

function refusePlace(zone: DomainName, { name, type }: Rrset): string | null {
  const isInZone = name === zone || name.endsWith(zone === '.' ? '.' : `.${zone}`);
  if (!isInZone) return `${name} is not in the zone ${zone}`;
  if (type === 'SOA' || (type === 'NS' && name === zone))
    return `the ${type} of the apex belongs to the zone itself (S28)`;
  return null;
}

function refuseContent(rrset: Rrset, capabilities: ProviderCapabilities): string | null {
  const key = rrsetKeyText(rrset);
  const { types } = capabilities;
  const { type, values } = rrset;
  if (!types.includes(type)) return `${key}: this provider holds ${types.join(', ')}`;
  if (rrset.alias !== undefined) return refuseAlias(rrset, capabilities);
  if (values.length === 0) return `${key}: an RRset is never emptied (S28)`;
  // RFC 2181 section 5: an RRset holds no two equal records.
  if (new Set(answersOf(rrset)).size < values.length) return `${key}: the same value stands there twice`;
  if (type === 'CNAME' && values.length > 1) return `${key}: a CNAME has one value (RFC 2181 section 10.1)`;
  return null;
}

function refuseTtl({ ttlSeconds, alias, ...key }: Rrset, capabilities: ProviderCapabilities): string | null {
  const { ttlMinSeconds, ttlMaxSeconds } = capabilities;
  if (alias !== undefined) return null;
  if (Number.isInteger(ttlSeconds) && ttlSeconds >= ttlMinSeconds && ttlSeconds <= ttlMaxSeconds) return null;
  return `${rrsetKeyText(key)}: expected a TTL from ${ttlMinSeconds} to ${ttlMaxSeconds} seconds, value was ${ttlSeconds}`;
}

/** An alias takes the place of values and TTL, and nothing else decides who is healthy. */
function refuseAlias(rrset: Rrset, { holdsAliases = false }: ProviderCapabilities): string | null {
  const key = rrsetKeyText(rrset);
  if (!holdsAliases) return `${key}: this provider holds no alias targets`;
  if (rrset.type !== 'A' && rrset.type !== 'AAAA') return `${key}: only an A or AAAA is an alias`;
  if (rrset.values.length > 0 || rrset.ttlSeconds !== 0 || rrset.weights !== undefined)
    return `${key}: an alias has neither values nor a TTL nor weights of its own`;
  if (rrset.alias?.evaluateTargetHealth === true) return `${key}: oneup decides by itself which target is healthy`;
  return null;
}
