// IP addresses between text and octets: IPv4 in dotted decimal, IPv6 by RFC 4291 section 2.2, written back by RFC 5952.
// Forms that other parsers read differently are refused: leading zeros, short IPv4, zone ids, prefixes.
import { err, ok, type Result } from '../base/result.ts';

export type Address = { readonly family: 4 | 6; readonly octets: Uint8Array };

const IPV6_GROUPS = 8;
const DECIMAL_OCTET = /^(?:0|[1-9][0-9]{0,2})$/;
const HEX_GROUP = /^[0-9a-f]{1,4}$/i;

/** Reads one IPv4 or IPv6 address. The error is a reason to put behind "Cannot read address". */
export function parseAddress(text: string): Result<Address, string> {
  const octets = text.includes(':') ? parseIpv6(text) : parseIpv4(text);
  if (octets === null) return err(`expected an IPv4 or IPv6 address, value was ${JSON.stringify(text)}`);
  return ok({ family: octets.length === 4 ? 4 : 6, octets });
}

/** Writes 4 octets as dotted decimal and 16 octets as RFC 5952 says: lower case, longest run of zeros as `::`. */
export function formatAddress(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join('.');
  const groups = Array.from({ length: IPV6_GROUPS }, (_, index) => groupAt(octets, index));
  if (isIpv4Mapped(groups)) return `::ffff:${octets.subarray(12).join('.')}`;
  const run = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (run.length < 2) return hex.join(':');
  return `${hex.slice(0, run.start).join(':')}::${hex.slice(run.start + run.length).join(':')}`;
}

function parseIpv4(text: string): Uint8Array | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => DECIMAL_OCTET.test(part) && Number(part) <= 255)) return null;
  return Uint8Array.from(parts, Number);
}

function parseIpv6(text: string): Uint8Array | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0] ?? '', halves.length === 1);
  const tail = parseGroups(halves[1] ?? '', halves.length === 2);
  if (head === null || tail === null) return null;
  const missing = IPV6_GROUPS * 2 - head.length - tail.length;
  const fits = halves.length === 2 ? missing >= 2 : missing === 0;
  return fits ? Uint8Array.from([...head, ...new Array<number>(missing).fill(0), ...tail]) : null;
}

/** Octets of colon-separated groups; the last may be an embedded IPv4 address where the text ends. */
function parseGroups(text: string, endsAddress: boolean): readonly number[] | null {
  if (text === '') return [];
  const octets: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    if (endsAddress && index === groups.length - 1 && group.includes('.')) {
      const embedded = parseIpv4(group);
      if (embedded === null) return null;
      octets.push(...embedded);
    } else if (HEX_GROUP.test(group)) {
      const value = Number.parseInt(group, 16);
      octets.push(value >> 8, value & 0xff);
    } else {
      return null;
    }
  }
  return octets;
}

function groupAt(octets: Uint8Array, index: number): number {
  return ((octets[index * 2] ?? 0) << 8) | (octets[index * 2 + 1] ?? 0);
}

/** RFC 5952 section 5: a known prefix for embedded IPv4 keeps the dotted form. */
function isIpv4Mapped(groups: readonly number[]): boolean {
  return groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
}

/** RFC 5952 section 4.2: the longest run, the first of equals, and never a single group. */
function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = index + 1;
    else if (index - start + 1 > best.length) best = { start, length: index - start + 1 };
  }
  return best;
}
