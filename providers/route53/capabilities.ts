// What Route 53 can do: a change batch is atomic, and a DELETE of the exact values in it is the condition of the write (S27).
// "ChangeResourceRecordSets", https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
import type { ProviderCapabilities } from '../../src/ports/dns-provider.ts';

export const ROUTE53_CAPABILITIES: ProviderCapabilities = {
  atomicBatch: true,
  conditionalWrite: true,
  /** 0 is allowed by the API, but has every query come to the zone, and some resolvers treat it as an error. */
  ttlMinSeconds: 1,
  /** "ResourceRecordSet", TTL. */
  ttlMaxSeconds: 2_147_483_647,
  granularity: 'rrset',
  /** "ListResourceRecordSets" shows changes that are PENDING. */
  readAfterWrite: true,
  remembersKeys: false,
  followsSuspicion: false,
  types: ['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'SRV', 'TXT'],
  holdsAliases: true,
};

/** "Quotas": a batch holds so many records, and so many characters in their values. */
export const BATCH_RECORDS_MAX = 1_000;
export const BATCH_CHARACTERS_MAX = 32_000;
/** "ResourceRecordSet", Weight and SetIdentifier. */
export const WEIGHT_MAX = 255;
export const WEIGHTED_SETS_MAX = 100;
