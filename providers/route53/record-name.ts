// Names between our spelling and that of Route 53, which escapes every octet but a-z, 0-9, hyphen and underscore with three
// octal digits where we use decimal ones (RFC 1035 section 5.1). "DNS domain name format",
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
import type { DomainName } from '../../src/base/ids.ts';
import { canonicalName } from '../../src/dns/canonical-name.ts';
import { parseName } from '../../src/dns/domain-name.ts';
import { lowerCaseName } from '../../src/dns/lower-case-name.ts';

/** As Route 53 lists it. A text that is no name is returned as it is, for Route 53 to refuse. */
export function toRoute53Name(name: DomainName): string {
  const wire = parseName(name);
  if (!wire.ok) return name;
  let text = '';
  const octets = lowerCaseName(wire.value);
  for (let position = 0; (octets[position] ?? 0) !== 0; position += 1 + (octets[position] ?? 0)) {
    for (const octet of octets.subarray(position + 1, position + 1 + (octets[position] ?? 0))) text += toEscape(octet);
    text += '.';
  }
  return text;
}

/** In our spelling, absolute. A text that is no name is returned as it is, and so equals no name of ours. */
export function fromRoute53Name(text: string): DomainName {
  const name = canonicalName(decimalEscapes(text.endsWith('.') ? text : `${text}.`));
  return name.ok ? name.value : text;
}

/** Octal escapes as decimal ones; an escaped backslash before digits is no octal escape. */
export function decimalEscapes(text: string): string {
  return text.replace(/\\(?:([0-3][0-7]{2})|.)/g, (whole, octal?: string) =>
    octal === undefined ? whole : `\\${String(Number.parseInt(octal, 8)).padStart(3, '0')}`,
  );
}

/** An octet as an octal escape. */
export function octalEscape(octet: number): string {
  return `\\${octet.toString(8).padStart(3, '0')}`;
}

/**
 * What Route 53 sorts by: the labels reversed, with the dot at the end, so that names below a name follow it at once.
 * "ListResourceRecordSets", sort order.
 */
export function listOrder(route53Name: string): string {
  return `${route53Name.replace(/\.$/, '').split('.').toReversed().join('.')}.`;
}

function toEscape(octet: number): string {
  const character = String.fromCharCode(octet);
  return /^[a-z0-9_-]$/.test(character) ? character : octalEscape(octet);
}
