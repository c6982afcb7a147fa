// What no provider may be asked to do, whatever its API would allow: empty an RRset, touch the apex, leave the zone (S28),
// or write what the provider cannot hold. Found before anything is sent.
import type { DomainName } from '../src/base/ids.ts';
import { type Rrset, rrsetKeyText } from '../src/dns/rrset.ts';
import { canonicalValue } from '../src/dns/rrset-equality.ts';
import type { RrsetChange } from '../src/plan/rrset-change.ts';
import type { ProviderCapabilities } from '../src/ports/dns-provider.ts';

/** The first reason against `changes`, or null. */
export function refuseChanges(
  zone: DomainName,
  changes: readonly RrsetChange[],
  capabilities: ProviderCapabilities,
): string | null {
  const seen = new Set<string>();
  for (const { before, after } of changes) {
    const target = after ?? before;
    if (target === null) return 'a change holds neither before nor after';
    const key = rrsetKeyText(target);
    if (seen.has(key)) return `${key} is changed twice in one batch`;
    seen.add(key);
    if (before !== null && rrsetKeyText(before) !== key) return `${key} cannot replace ${rrsetKeyText(before)}`;
    const reason = refusePlace(zone, target) ?? (after === null ? null : refuseContent(after, capabilities));
    if (reason !== null) return reason;
  }
  return null;
}

function refusePlace(zone: DomainName, { name, type }: Rrset): string | null {
  const isInZone = name === zone || name.endsWith(zone === '.' ? '.' : `.${zone}`);
  if (!isInZone) return `${name} is not in the zone ${zone}`;
  if (type === 'SOA' || (type === 'NS' && name === zone))
    return `the ${type} of the apex belongs to the zone itself (S28)`;
  return null;
}

function refuseContent(rrset: Rrset, { types, ttlMinSeconds, ttlMaxSeconds }: ProviderCapabilities): string | null {
  const key = rrsetKeyText(rrset);
  const { type, ttlSeconds, values } = rrset;
  if (!types.includes(type)) return `${key}: this provider holds ${types.join(', ')}`;
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < ttlMinSeconds || ttlSeconds > ttlMaxSeconds) {
    return `${key}: expected a TTL from ${ttlMinSeconds} to ${ttlMaxSeconds} seconds, value was ${ttlSeconds}`;
  }
  if (values.length === 0) return `${key}: an RRset is never emptied (S28)`;
  // RFC 2181 section 5: an RRset holds no two equal records.
  if (new Set(values.map(canonicalValue)).size < values.length) return `${key}: the same value stands there twice`;
  return null;
}
