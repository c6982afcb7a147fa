// When two RRsets say the same. Values are a set (RFC 2181 section 5), and addresses may be spelled in several ways.
import { formatAddress, parseAddress } from './address.ts';
import { type Rrset, rrsetKeyText } from './rrset.ts';

/** Same name, type, TTL and values, whatever the order of the values. */
export function isSameRrset(left: Rrset, right: Rrset): boolean {
  return left.ttlSeconds === right.ttlSeconds && hasSameValues(left, right);
}

/** The same but for the TTL. */
export function hasSameValues(left: Rrset, right: Rrset): boolean {
  if (rrsetKeyText(left) !== rrsetKeyText(right) || left.values.length !== right.values.length) return false;
  const values = new Set(left.values.map(canonicalValue));
  return right.values.every((value) => values.has(canonicalValue(value)));
}

/** One spelling for each address (RFC 5952); every other value as it is. */
export function canonicalValue(value: string): string {
  const address = parseAddress(value);
  return address.ok ? formatAddress(address.value.octets) : value;
}
