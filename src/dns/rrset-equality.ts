// When two RRsets say the same. Values are a set (RFC 2181 section 5), and addresses may be spelled in several ways.
import { formatAddress, parseAddress } from './address.ts';
import { canonicalName } from './canonical-name.ts';
import { type AliasTarget, type Rrset, rrsetKeyText } from './rrset.ts';

/** Same name, type, TTL, values, weights and alias, whatever the order of the values. */
export function isSameRrset(left: Rrset, right: Rrset): boolean {
  if (left.ttlSeconds !== right.ttlSeconds || !hasSameValues(left, right) || !hasSameWeights(left, right)) return false;
  return left.alias?.evaluateTargetHealth === right.alias?.evaluateTargetHealth;
}

function hasSameWeights(left: Rrset, right: Rrset): boolean {
  if (left.weights === undefined || right.weights === undefined) return left.weights === right.weights;
  const weights = new Map(left.values.map((value, index) => [canonicalValue(value), left.weights?.[index]]));
  return right.values.every((value, index) => weights.get(canonicalValue(value)) === right.weights?.[index]);
}

/** The same but for the TTL. */
export function hasSameValues(left: Rrset, right: Rrset): boolean {
  const [some, others] = [answersOf(left), answersOf(right)];
  if (rrsetKeyText(left) !== rrsetKeyText(right) || some.length !== others.length) return false;
  const answers = new Set(some);
  return others.every((answer) => answers.has(answer));
}

/**
 * What an RRset answers, one comparable text for each: addresses and the names of a CNAME in one spelling, an alias by its
 * target. Never empty for an RRset that answers anything.
 */
export function answersOf({ type, values, alias }: Rrset): readonly string[] {
  if (alias !== undefined) return [aliasText(alias)];
  return values.map(type === 'CNAME' ? nameText : canonicalValue);
}

/** One text for one alias target; no value of an A or AAAA looks like it. */
function aliasText({ hostedZoneId, dnsName }: Pick<AliasTarget, 'hostedZoneId' | 'dnsName'>): string {
  return `alias ${hostedZoneId} ${nameText(dnsName)}`;
}

/** One spelling for each address (RFC 5952); every other value as it is. */
export function canonicalValue(value: string): string {
  const address = parseAddress(value);
  return address.ok ? formatAddress(address.value.octets) : value;
}

/** What is no name stays as it is, and so equals only itself. */
function nameText(text: string): string {
  const name = canonicalName(text);
  return name.ok ? name.value : text;
}
