// Where the host name stands in the rdata of types for which a server adds addresses (RFC 1034 section 4.3.2, step 6).
import type { RrType } from '../dns/rrset.ts';

export const TARGET_OFFSET: Readonly<Partial<Record<RrType, number>>> = {
  NS: 0,
  MX: 2,
  SRV: 6,
};
