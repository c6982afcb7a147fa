// The unit in which oneup plans, publishes and compares DNS data (RFC 9499, "RRset").
import type { DomainName } from '../base/ids.ts';

/** Types that can be written in configuration or published by oneup. */
export type RrType = 'A' | 'AAAA' | 'CAA' | 'CNAME' | 'MX' | 'NS' | 'SOA' | 'SRV' | 'TXT';

export type RrsetKey = { readonly name: DomainName; readonly type: RrType };

/** All records of one name and type. Values are rdata in presentation format (RFC 1035 section 5.1), names absolute. */
export type Rrset = RrsetKey & {
  /** 0 to 2147483647 (RFC 2181 section 8). */
  readonly ttlSeconds: number;
  /** At least one; order carries no meaning, duplicates are not allowed (RFC 2181 section 5). */
  readonly values: readonly string[];
};

/** One text for one name and type; class IN is implied everywhere. */
export function rrsetKeyText({ name, type }: RrsetKey): string {
  return `${name}|${type}`;
}
