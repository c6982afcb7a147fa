// The calls of the API that the provider makes, through the vendor's SDK with its retries off: a repeated POST would write twice
// (S27). Only the two parts of the SDK that are used are loaded.
import { BaseRecords } from 'cloudflare/resources/dns/records';
import { BaseZones } from 'cloudflare/resources/zones/zones';
import { createClient } from 'cloudflare/tree-shakable';
import { z } from 'zod';
import type { DomainName } from '../../src/base/ids.ts';
import { OneupError } from '../../src/base/oneup-error.ts';
import type { Secret } from '../../src/base/secret.ts';
import { boundedFetch } from './bounded-fetch.ts';
import type { Batch, BatchPost } from './plan-batch.ts';
import { apiName, type CloudflareRecord, domainName, recordsSchema } from './records.ts';

export type CloudflareClientOptions = {
  readonly apiToken: Secret;
  readonly timeoutMs: number;
  /** Base of the API without a slash at its end; null for the vendor's. */
  readonly endpoint: string | null;
};

type Place = { readonly zoneId: string; readonly signal: AbortSignal };

export type CloudflareClient = {
  /** All records at these names. */
  readonly records: (
    names: readonly DomainName[],
    place: Place & { readonly zone: DomainName },
  ) => Promise<readonly CloudflareRecord[]>;
  /** The name of the zone with this id. */
  readonly zoneName: (place: Place) => Promise<DomainName>;
  readonly post: (record: BatchPost, place: Place) => Promise<CloudflareRecord>;
  readonly remove: (id: string, place: Place) => Promise<void>;
  readonly batch: (batch: Batch, place: Place) => Promise<BatchAnswer>;
};

export type BatchAnswer = z.infer<typeof batchSchema>;

const batchSchema = z.object({
  deletes: z.array(z.object({ id: z.string() })).nullish(),
  patches: z.array(z.object({ id: z.string() })).nullish(),
  posts: z.array(z.object({ id: z.string() })).nullish(),
});
const zoneSchema = z.object({ name: z.string().min(1) });
const recordSchema = recordsSchema.element;

const ENDPOINT = 'https://api.cloudflare.com/client/v4';
const PAGE_RECORDS = 500;
/** Records at the names of one service; ten thousand are not ours. */
const PAGES_MAX = 20;

type NameFilter = { readonly exact: string } | { readonly endswith: string };
type Page = { readonly records: readonly CloudflareRecord[]; readonly isLast: boolean };

export function createCloudflareClient({ apiToken, timeoutMs, endpoint }: CloudflareClientOptions): CloudflareClient {
  const { dns, zones } = createClient({
    resources: [BaseRecords, BaseZones],
    apiToken: apiToken.reveal(),
    // The SDK would take these from the environment, where other tools put theirs.
    apiKey: null,
    apiEmail: null,
    userServiceKey: null,
    baseURL: endpoint ?? ENDPOINT,
    maxRetries: 0,
    timeout: timeoutMs,
    logLevel: 'off',
    fetch: boundedFetch,
  });
  const page = async (name: NameFilter, number: number, { zoneId, signal }: Place): Promise<Page> => {
    const answer = await dns.records.list({ zone_id: zoneId, name, per_page: PAGE_RECORDS, page: number }, { signal });
    const records = recordsSchema.parse(answer.result);
    return { records, isLast: records.length < PAGE_RECORDS };
  };
  const exactly = async (name: DomainName, place: Place): Promise<readonly CloudflareRecord[]> => {
    const found: CloudflareRecord[] = [];
    for (let number = 1; number <= PAGES_MAX; number += 1) {
      const { records, isLast } = await page({ exact: apiName(name) }, number, place);
      found.push(...records);
      if (isLast) return found;
    }
    throw new OneupError(
      'ONEUP_PROVIDER_ANSWER_INVALID',
      `Cannot list ${name}: it has more than ${PAGES_MAX * PAGE_RECORDS} records`,
    );
  };
  return {
    records: async (names, { zone, ...place }) => {
      const found: CloudflareRecord[] = [];
      for (const { root, members } of families(zone, names)) {
        // One call shows the name and its ownership TXT at one instant, and names that end alike, which are few.
        const together = members.length > 1 ? await page({ endswith: apiName(root) }, 1, place) : null;
        if (together?.isLast === true)
          found.push(...together.records.filter(({ name }) => members.includes(domainName(name))));
        else for (const member of members) found.push(...(await exactly(member, place)));
      }
      return found;
    },
    zoneName: async ({ zoneId, signal }) =>
      domainName(zoneSchema.parse(await zones.get({ zone_id: zoneId }, { signal })).name),
    post: async (record, { zoneId, signal }) =>
      recordSchema.parse(await dns.records.create({ zone_id: zoneId, ...record }, { signal })),
    remove: async (id, { zoneId, signal }) => {
      await dns.records.delete(id, { zone_id: zoneId }, { signal });
    },
    batch: async ({ deletes, patches, posts }, { zoneId, signal }) => {
      const body = { deletes: [...deletes], patches: [...patches] as never[], posts: [...posts] };
      return batchSchema.parse(await dns.records.batch({ zone_id: zoneId, ...body }, { signal }));
    },
  };
}

/**
 * Names by the shortest of them that ends them all; the apex ends the whole zone, so it is asked for alone, and after its ownership
 * TXT: a guard is read before what it guards.
 */
function families(
  zone: DomainName,
  names: readonly DomainName[],
): readonly { readonly root: DomainName; readonly members: readonly DomainName[] }[] {
  const unique = [...new Set(names)].toSorted((left, right) => left.length - right.length);
  const roots: { readonly root: DomainName; readonly members: DomainName[] }[] = [];
  for (const name of unique) {
    const family = roots.find(({ root }) => root !== zone && name.endsWith(`.${root}`));
    if (family === undefined) roots.push({ root: name, members: [name] });
    else family.members.push(name);
  }
  return roots.toReversed();
}
