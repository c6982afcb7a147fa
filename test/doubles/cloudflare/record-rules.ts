// What one record must be, and what may stand beside what: the rules that the vendor's documentation gives for DNS records.
import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import {
  hostHasAddressOrCname,
  hostHasCname,
  hostHasNs,
  identicalRecord,
  invalidContent,
  invalidName,
  invalidTtl,
  notProxiable,
} from './api-error.ts';
import type { RecordPost } from './request-schema.ts';

export type Plan = 'free' | 'enterprise';

export type DoubleRecord = {
  readonly id: string;
  readonly name: string;
  readonly type: RecordPost['type'];
  readonly content: string;
  readonly priority: number | null;
  readonly ttl: number;
  readonly proxied: boolean;
  readonly comment: string | null;
  readonly tags: readonly string[];
  readonly settings: Readonly<Record<string, boolean | undefined>>;
  readonly createdOn: string;
  readonly modifiedOn: string;
};

/** 1 is automatic; a proxied record has no TTL of its own and always shows 1. */
const AUTOMATIC_TTL = 1;
const TTL_MIN_SECONDS: Readonly<Record<Plan, number>> = { free: 60, enterprise: 30 };
const TTL_MAX_SECONDS = 86_400;
const PROXIABLE: readonly string[] = ['A', 'AAAA', 'CNAME'];
const HOST = /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export function isProxiable(type: string): boolean {
  return PROXIABLE.includes(type);
}

/** Names are stored in Punycode with the name of the zone at their end: what lacks it gets it. */
export function storedName(name: string, zone: string): string {
  if (name === '@') return zone;
  const ascii = name.startsWith('*.') ? `*.${domainToASCII(name.slice(2))}` : domainToASCII(name);
  const full = ascii === zone || ascii.endsWith(`.${zone}`) ? ascii : `${ascii}.${zone}`;
  if (!HOST.test(full.replace(/^\*\./, ''))) throw invalidName();
  return full;
}

/** The fields of a record after the rules of its type, or the refusal of the API. */
export function checkRecord(record: DoubleRecord, plan: Plan): DoubleRecord {
  if (record.proxied && !isProxiable(record.type)) throw notProxiable();
  const min = TTL_MIN_SECONDS[plan];
  const { ttl } = record;
  const isTtl = Number.isInteger(ttl) && (ttl === AUTOMATIC_TTL || (ttl >= min && ttl <= TTL_MAX_SECONDS));
  if (!isTtl) throw invalidTtl(min);
  return { ...record, content: checkContent(record), ttl: record.proxied ? AUTOMATIC_TTL : ttl };
}

function checkContent({ name, type, content }: DoubleRecord): string {
  switch (type) {
    case 'A':
      if (!isIPv4(content)) throw invalidContent(9005, 'Content for A record must be a valid IPv4 address.');
      return content;
    case 'AAAA':
      if (!isIPv6(content) || content.includes('%'))
        throw invalidContent(9006, 'Content for AAAA record must be a valid IPv6 address.');
      return new URL(`http://[${content}]`).hostname.slice(1, -1);
    case 'CNAME':
      if (!HOST.test(content)) throw invalidContent(9007, 'Content for CNAME record is invalid.');
      if (content === name) throw invalidContent(9039, 'CNAME content cannot reference itself.');
      return content;
    case 'MX':
    case 'NS':
      if (!HOST.test(content)) throw invalidContent(9009, `Content for ${type} record is invalid.`);
      return content;
    case 'TXT':
      return checkText(content);
  }
}

/** Character-strings in quotes, each of at most 255 octets; a longer one is split. Text without quotes is kept as it is. */
function checkText(content: string): string {
  if (!content.startsWith('"')) return content;
  const strings = content.match(/"(?:[^"\\]|\\.)*"/g) ?? [];
  if (strings.join(' ') !== content.replace(/" +"/g, '" "'))
    throw invalidContent(9101, 'Content for TXT record has unbalanced quotation marks.');
  return strings
    .flatMap((quoted) => quoted.slice(1, -1).match(/(?:\\.|[^\\]){1,255}/g) ?? [''])
    .map(quote)
    .join(' ');
}

function quote(text: string): string {
  return `"${text}"`;
}

/** Which record of the name forbids this one, as the refusal that the API gives. */
export function checkNeighbours(record: DoubleRecord, others: readonly DoubleRecord[], zone: string): void {
  const beside = others.filter(({ name, id }) => name === record.name && id !== record.id);
  const has = (...types: readonly string[]) => beside.some(({ type }) => types.includes(type));
  const isSame = ({ type, content, priority }: DoubleRecord) =>
    type === record.type && content === record.content && priority === record.priority;
  if (beside.some(isSame)) throw identicalRecord();
  const isAddress = record.type === 'A' || record.type === 'AAAA';
  if (record.type === 'CNAME' && has('A', 'AAAA', 'CNAME')) throw hostHasAddressOrCname();
  if (isAddress && has('CNAME')) throw hostHasCname();
  if (record.name === zone) return;
  if (record.type !== 'NS' && has('NS')) throw hostHasNs();
  if (record.type === 'NS' && beside.some(({ type }) => type !== 'NS')) throw hostHasAddressOrCname();
}
