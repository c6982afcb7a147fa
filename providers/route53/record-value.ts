// Values between our spelling (RFC 1035 section 5.1) and that of Route 53: octal escapes in texts and names, and names of other
// hosts that may lack the dot at their end. "Supported DNS record types",
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html
import { formatCharacterString, parseCharacterString } from '../../src/dns/character-string.ts';
import { splitRdata } from '../../src/dns/rdata-token.ts';
import type { RrType } from '../../src/dns/rrset.ts';
import { decimalEscapes, fromRoute53Name, octalEscape, toRoute53Name } from './record-name.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Types whose last field is the name of a host. */
const NAMED: ReadonlySet<RrType> = new Set(['CNAME', 'MX', 'NS', 'SRV']);

export function toRoute53Value(type: RrType, value: string): string {
  if (type === 'TXT') return textsOf(value)?.map(quoteOctal).join(' ') ?? value;
  if (NAMED.has(type) && value.includes('\\')) return onLastField(value, toRoute53Name);
  return value;
}

export function fromRoute53Value(type: RrType, value: string): string {
  if (type === 'TXT') return textsOf(decimalEscapes(value))?.map(formatCharacterString).join(' ') ?? value;
  if (NAMED.has(type)) return onLastField(value, fromHost);
  return value;
}

/** The strings of a TXT value as octets, or null when it is none. */
function textsOf(value: string): readonly Uint8Array[] | null {
  const tokens = splitRdata(value);
  if (!tokens.ok || tokens.value.length === 0) return null;
  const texts: Uint8Array[] = [];
  for (const { text } of tokens.value) {
    const octets = parseCharacterString(text);
    if (!octets.ok) return null;
    texts.push(octets.value);
  }
  return texts;
}

function quoteOctal(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) {
    if (octet === QUOTE || octet === BACKSLASH) text += `\\${String.fromCharCode(octet)}`;
    else text += octet < 0x20 || octet > 0x7e ? octalEscape(octet) : String.fromCharCode(octet);
  }
  return `"${text}"`;
}

function fromHost(name: string): string {
  if (name.includes('\\')) return fromRoute53Name(name);
  return name.endsWith('.') ? name : `${name}.`;
}

function onLastField(value: string, change: (field: string) => string): string {
  const start = value.lastIndexOf(' ') + 1;
  return value.slice(0, start) + change(value.slice(start));
}
