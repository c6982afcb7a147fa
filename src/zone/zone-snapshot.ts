// One frozen state of one zone: what a name server answers from, keeps on disk and will transfer.
import type { DomainName } from '../base/ids.ts';
import type { Rrset } from '../dns/rrset.ts';

/** Two servers with the same generation and serial hold the same bytes (S29). */
export type ZoneSnapshot = {
  readonly zone: DomainName;
  /** Number of the store's generation (S4); a higher one replaces a lower one whatever the serial (S30). */
  readonly generation: number;
  /** SOA serial, RFC 1982 arithmetic. */
  readonly serial: number;
  /** Every RRset of the zone in canonical order, SOA and apex NS included. */
  readonly rrsets: readonly Rrset[];
};
