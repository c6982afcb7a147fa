// Judges what a name server answered by what was asked and wanted: question, code, authority, records. Pure.
import type { DnsTarget } from '../config/check-target.ts';
import { formatAddress, parseAddress } from '../dns/address.ts';

/** The part of dns2's packet that is looked at. */
export type DnsAnswer = {
  readonly header: { readonly aa: number; readonly tc: number; readonly rcode: number; readonly qr: number };
  readonly questions: readonly { readonly name: string; readonly type: number }[];
  readonly answers: readonly DnsRecord[];
};

type DnsRecord = {
  readonly type: number;
  readonly address?: string;
  readonly domain?: string;
  readonly ns?: string;
  readonly data?: unknown;
  readonly priority?: number;
  readonly exchange?: string;
  readonly serial?: number;
};

export type DnsWanted = Pick<DnsTarget, 'name' | 'type' | 'rcode' | 'values' | 'isRecursive'> & {
  readonly typeCode: number;
};

export type DnsFault = { readonly reason: string; readonly isOurs: boolean };

/** RFC 1035 section 4.1.1. */
const RCODES: readonly string[] = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];
const SHOWN_VALUES = 8;
const SHOWN_CHARS = 300;

/** Null when the answer is what was wanted. */
export function findDnsFault(answer: DnsAnswer, wanted: DnsWanted): DnsFault | null {
  const { header, questions } = answer;
  const [question] = questions;
  if (
    header.qr !== 1 ||
    question?.name.toLowerCase() !== wanted.name.toLowerCase() ||
    question.type !== wanted.typeCode
  ) {
    return failure('it answered another question');
  }
  const rcode = RCODES[header.rcode] ?? `rcode ${header.rcode}`;
  if (rcode !== wanted.rcode) return failure(`the code was ${rcode}, expected ${wanted.rcode}`);
  if (!wanted.isRecursive && header.aa !== 1) return failure('it is not authoritative for the name');
  if (wanted.values === null) return null;
  if (header.tc === 1) return { reason: 'the answer was cut off, so its values cannot be compared', isOurs: true };
  const found = answer.answers
    .filter(({ type }) => type === wanted.typeCode)
    .map((record) => textOf(record, wanted.type));
  const expected = wanted.values.map((value) => canonical(value, wanted.type));
  const isSame = [...new Set(found)].sort().join('\n') === [...new Set(expected)].sort().join('\n');
  return isSame ? null : failure(`the values were ${show(found)}, expected ${show(expected)}`);
}

/** What a pass shows. */
export function describeDnsAnswer({ header, answers }: DnsAnswer): string {
  return `${RCODES[header.rcode] ?? header.rcode}, ${answers.length} records`;
}

function failure(reason: string): DnsFault {
  return { reason, isOurs: false };
}

function show(values: readonly string[]): string {
  const text = values.length === 0 ? 'none' : values.slice(0, SHOWN_VALUES).join(', ');
  return text.slice(0, SHOWN_CHARS);
}

function textOf(record: DnsRecord, type: DnsWanted['type']): string {
  switch (type) {
    case 'A':
    case 'AAAA':
      return canonical(record.address ?? '', type);
    case 'CNAME':
    case 'PTR':
      return canonical(record.domain ?? '', type);
    case 'NS':
      return canonical(record.ns ?? '', type);
    case 'MX':
      return canonical(`${record.priority} ${record.exchange ?? ''}`, type);
    case 'SOA':
      return String(record.serial);
    case 'TXT':
      return Array.isArray(record.data) ? record.data.join('') : String(record.data);
  }
}

/** One spelling of each value: addresses by RFC 5952, names in lower case without the last dot. */
function canonical(value: string, type: DnsWanted['type']): string {
  if (type === 'TXT' || type === 'SOA') return value;
  const address = type === 'A' || type === 'AAAA' ? parseAddress(value) : null;
  return address?.ok ? formatAddress(address.value.octets) : value.toLowerCase().replace(/\.$/, '');
}
