// The shape of the rdata of each type that oneup can hold, field by field. Parsing, writing and expanding compressed
// names all follow this table, so a new type is one line here plus, at most, one new kind of field.
import type { RrType } from './rrset.ts';

export type RdataField =
  | 'ipv4'
  | 'ipv6'
  | 'name'
  | 'u8'
  | 'u16'
  | 'u32'
  /** Length octet and letters or digits (RFC 8659 section 4.1). */
  | 'tag'
  /** One or more character-strings up to the end. */
  | 'strings'
  /** Octets up to the end, without a length. */
  | 'octets';

export const RDATA_LAYOUT: Readonly<Record<RrType, readonly RdataField[]>> = {
  A: ['ipv4'], // RFC 1035 section 3.4.1
  AAAA: ['ipv6'], // RFC 3596 section 2.2
  CAA: ['u8', 'tag', 'octets'], // RFC 8659 section 4.1
  CNAME: ['name'], // RFC 1035 section 3.3.1
  MX: ['u16', 'name'], // RFC 1035 section 3.3.9
  NS: ['name'], // RFC 1035 section 3.3.11
  SOA: ['name', 'name', 'u32', 'u32', 'u32', 'u32', 'u32'], // RFC 1035 section 3.3.13
  SRV: ['u16', 'u16', 'u16', 'name'], // RFC 2782
  TXT: ['strings'], // RFC 1035 section 3.3.14
};
