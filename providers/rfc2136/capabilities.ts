// What a zone behind RFC 2136 can do, for everything that decides above the provider.
import type { ProviderCapabilities } from '../../src/ports/dns-provider.ts';

export const RFC2136_CAPABILITIES: ProviderCapabilities = {
  // RFC 2136 section 3.7: a server does all of an UPDATE or nothing, and one at a time for each zone.
  atomicBatch: true,
  conditionalWrite: true,
  ttlMinSeconds: 1,
  // RFC 2181 section 8.
  ttlMaxSeconds: 2_147_483_647,
  granularity: 'rrset',
  readAfterWrite: true,
  remembersKeys: false,
  // Every write raises the serial and sends the zone to its secondaries.
  followsSuspicion: false,
  // No NS: below the apex it delegates, and then the name is not of this zone any more.
  types: ['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'SRV', 'TXT'],
};
