// What a zone of Cloudflare can do. One batch is one transaction of its database, and it is conditional because it deletes a
// record by an id that every write of ours replaces (S26, S27).
import type { ProviderCapabilities } from '../../src/ports/dns-provider.ts';

export const CLOUDFLARE_CAPABILITIES: ProviderCapabilities = {
  atomicBatch: true,
  conditionalWrite: true,
  /** Time to Live, https://developers.cloudflare.com/dns/manage-dns-records/reference/ttl/: 30 for Enterprise zones only. */
  ttlMinSeconds: 60,
  ttlMaxSeconds: 86_400,
  granularity: 'record',
  readAfterWrite: true,
  remembersKeys: false,
  /** Each change costs calls of a limit that the whole account shares. */
  followsSuspicion: false,
  types: ['A', 'AAAA', 'CNAME', 'TXT'],
};
