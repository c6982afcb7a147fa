// From guarded changes and the records that were just listed to one batch (S27). The API runs deletes, then patches, then posts,
// all in one transaction: texts are deleted by id and posted anew, so that the id of the ownership TXT guards the batch; addresses
// are patched in place, so that no reader of single records finds the name without one.
import type { Rrset } from '../../src/dns/rrset.ts';
import { canonicalValue } from '../../src/dns/rrset-equality.ts';
import type { RrsetChange } from '../../src/plan/rrset-change.ts';
import { apiName, type CloudflareRecord, contentOf, domainName } from './records.ts';

export type Batch = {
  readonly deletes: readonly { readonly id: string }[];
  readonly patches: readonly { readonly id: string; readonly content?: string; readonly ttl?: number }[];
  readonly posts: readonly BatchPost[];
};

export type BatchPost = {
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'CNAME' | 'TXT';
  readonly content: string;
  readonly ttl: number;
  readonly proxied?: boolean;
};

const AUTOMATIC_TTL = 1;
const PROXIABLE: readonly string[] = ['A', 'AAAA', 'CNAME'];

/** Whether a batch deletes a text by id: then no second writer that saw the same can succeed. */
export function isGuarded(changes: readonly RrsetChange[]): boolean {
  return changes.some(({ before }) => before?.type === 'TXT');
}

/** `records` are all at the names of the changes, and what they hold is what every `before` says. */
export function planBatch(changes: readonly RrsetChange[], records: readonly CloudflareRecord[]): Batch {
  const parts = changes.map((change) => planChange(change, records));
  return {
    deletes: parts.flatMap(({ deletes }) => deletes),
    patches: parts.flatMap(({ patches }) => patches),
    posts: parts.flatMap(({ posts }) => posts),
  };
}

function planChange({ before, after }: RrsetChange, records: readonly CloudflareRecord[]): Batch {
  const held = before === null ? [] : records.filter((record) => isOf(record, before));
  if (after === null) return { deletes: held.map(idOf), patches: [], posts: [] };
  if (after.type === 'TXT') {
    return { deletes: held.map(idOf), patches: [], posts: after.values.map((value) => postOf(after, value, false)) };
  }
  return replaceInPlace(after, { held, isProxied: isProxied(after, records) });
}

/** What stays is not touched but for its TTL; what changes is patched; only what is left over is deleted or posted. */
function replaceInPlace(
  after: Rrset,
  { held, isProxied: proxied }: { readonly held: readonly CloudflareRecord[]; readonly isProxied: boolean },
): Batch {
  const wanted = new Set(after.values.map(canonicalValue));
  const kept = held.filter((record) => wanted.has(canonicalOf(record, after)));
  const keptValues = new Set(kept.map((record) => canonicalOf(record, after)));
  const gone = held.filter((record) => !kept.includes(record));
  const added = after.values.filter((value) => !keptValues.has(canonicalValue(value)));
  const patched = gone.slice(0, added.length);
  return {
    deletes: gone.slice(added.length).map(idOf),
    patches: [
      ...kept.flatMap((record) => {
        const ttl = ttlPatch(record, after);
        return 'ttl' in ttl ? [{ id: record.id, ...ttl }] : [];
      }),
      ...patched.map((record, index) => ({
        id: record.id,
        content: contentOf(after.type, added[index] as string),
        ...ttlPatch(record, after),
      })),
    ],
    posts: added.slice(gone.length).map((value) => postOf(after, value, proxied)),
  };
}

/** A proxied record has no TTL of its own, so none is sent; nor is the proxied flag, which stays as people set it. */
function ttlPatch({ proxied = false, ttl }: CloudflareRecord, { ttlSeconds }: Rrset): { readonly ttl?: number } {
  return proxied || ttl === ttlSeconds ? {} : { ttl: ttlSeconds };
}

function postOf({ name, type, ttlSeconds }: Rrset, value: string, proxied: boolean): BatchPost {
  return {
    name: apiName(name),
    type: type as BatchPost['type'],
    content: contentOf(type, value),
    ttl: proxied ? AUTOMATIC_TTL : ttlSeconds,
    ...(proxied ? { proxied } : {}),
  };
}

/**
 * A new record beside proxied ones, or in their place, is proxied too: Cloudflare treats all addresses of a name as proxied when
 * one is (https://developers.cloudflare.com/dns/proxy-status/), and would show the origin to the world when the last one goes.
 */
function isProxied({ name, type }: Rrset, records: readonly CloudflareRecord[]): boolean {
  if (!PROXIABLE.includes(type)) return false;
  return records.some((record) => domainName(record.name) === name && record.proxied === true);
}

function isOf(record: CloudflareRecord, { name, type }: Rrset): boolean {
  return record.type === type && domainName(record.name) === name;
}

function canonicalOf({ content = '' }: CloudflareRecord, { type }: Rrset): string {
  return canonicalValue(type === 'CNAME' ? domainName(content) : content);
}

function idOf({ id }: CloudflareRecord): { readonly id: string } {
  return { id };
}
