// What the built-in zone can do: one commit of the store is atomic and conditional, and a read that follows it sees it.
import type { ProviderCapabilities } from '../../src/ports/dns-provider.ts';

export const BUILTIN_CAPABILITIES: ProviderCapabilities = {
  atomicBatch: true,
  conditionalWrite: true,
  /** 0 would have every query come to us, and some resolvers treat it as an error. */
  ttlMinSeconds: 1,
  /** A day: longer than any TTL that a failover can wait out. */
  ttlMaxSeconds: 86_400,
  granularity: 'rrset',
  readAfterWrite: true,
  remembersKeys: true,
  followsSuspicion: true,
  types: ['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'SRV', 'TXT'],
};
