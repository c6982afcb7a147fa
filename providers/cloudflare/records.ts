// Between records of the API and RRsets. The API holds single records with names that have no trailing dot, and a TTL of 1 for
// "automatic", which clients see as five minutes.
import { z } from 'zod';
import type { DomainName } from '../../src/base/ids.ts';
import { type Rrset, type RrType, rrsetKeyText } from '../../src/dns/rrset.ts';
import { txtValue } from '../../src/dns/txt-value.ts';

/** The parts of a record that are used; whatever else the API adds is left alone. */
const recordSchema = z.object({
  id: z.string().min(1).max(64),
  name: z.string().min(1).max(255),
  type: z.string(),
  content: z.string().optional(),
  priority: z.number().optional(),
  ttl: z.number(),
  proxied: z.boolean().optional(),
  data: z.looseObject({}).optional(),
});
export const recordsSchema = z.array(recordSchema);

export type CloudflareRecord = z.infer<typeof recordSchema>;

/** Time to Live, https://developers.cloudflare.com/dns/manage-dns-records/reference/ttl/: Auto is 300 seconds. */
const AUTOMATIC_TTL = 1;
const AUTOMATIC_TTL_SECONDS = 300;

/** A text that stands for a moment where no ownership TXT is, so that a first write has something to delete (S26). */
export const LATCH_VALUE = '"oneup1 latch"';

export function isLatch({ type, content = '' }: CloudflareRecord): boolean {
  return type === 'TXT' && textOf(content) === LATCH_VALUE;
}

export function apiName(name: DomainName): string {
  return name.slice(0, -1);
}

export function domainName(name: string): DomainName {
  return `${name.toLowerCase()}.`;
}

/** All RRsets of the records. Types that oneup does not know are left out, and so is a latch. */
export function toRrsets(records: readonly CloudflareRecord[]): readonly Rrset[] {
  const rrsets = new Map<string, Rrset>();
  for (const record of records) {
    const value = rdataOf(record);
    if (value === null || isLatch(record)) continue;
    const key = { name: domainName(record.name), type: record.type as RrType };
    const ttlSeconds = record.ttl === AUTOMATIC_TTL ? AUTOMATIC_TTL_SECONDS : record.ttl;
    const held = rrsets.get(rrsetKeyText(key));
    rrsets.set(rrsetKeyText(key), {
      ...key,
      // Records of one set with several TTLs: clients may keep the whole set no longer than the shortest (RFC 2181 section 5.2).
      ttlSeconds: Math.min(ttlSeconds, held?.ttlSeconds ?? ttlSeconds),
      values: [...(held?.values ?? []), value],
    });
  }
  return [...rrsets.values()];
}

/** Rdata in presentation format, or null for a type that is no RrType. */
function rdataOf({ type, content = '', priority = 0, data = {} }: CloudflareRecord): string | null {
  switch (type) {
    case 'A':
    case 'AAAA':
      return content;
    case 'CNAME':
    case 'NS':
      return domainName(content);
    case 'MX':
      return `${priority} ${domainName(content)}`;
    case 'SRV':
      return `${data.priority} ${data.weight} ${data.port} ${domainName(String(data.target))}`;
    case 'CAA':
      return `${data.flags} ${data.tag} "${data.value}"`;
    case 'TXT':
      return textOf(content);
    default:
      return null;
  }
}

/** The content that the API shall hold for a value. */
export function contentOf(type: RrType, value: string): string {
  if (type === 'CNAME') return apiName(value);
  return type === 'TXT' ? textOf(value) : value;
}

/** TXT comes quoted, as character-strings, or bare, when somebody wrote it so through the API. */
function textOf(content: string): string {
  return content.startsWith('"') ? content : txtValue(content);
}
