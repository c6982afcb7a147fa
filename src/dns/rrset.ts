// The unit in which oneup plans, publishes and compares DNS data (RFC 9499, "RRset").
import type { DomainName } from '../base/ids.ts';

/** Types that can be written in configuration or published by oneup. */
export type RrType = 'A' | 'AAAA' | 'CAA' | 'CNAME' | 'MX' | 'NS' | 'SOA' | 'SRV' | 'TXT';

export type RrsetKey = { readonly name: DomainName; readonly type: RrType };

/** All records of one name and type. Values are rdata in presentation format (RFC 1035 section 5.1), names absolute. */
export type Rrset = RrsetKey & {
  /** 0 to 2147483647 (RFC 2181 section 8); 0 beside `alias`. */
  readonly ttlSeconds: number;
  /**
   * Order carries no meaning, duplicates are not allowed (RFC 2181 section 5). At least one; none beside `alias`, so whoever
   * asks what an RRset answers asks `answersOf` (src/dns/rrset-equality.ts), which knows both.
   */
  readonly values: readonly string[];
  /**
   * One whole number above 0 for each value, in its order: our own name servers answer one value at a time, in this proportion.
   * Absent: every answer holds all values, as everywhere in DNS.
   */
  readonly weights?: readonly number[];
  /**
   * Route 53 answers the addresses of this target, with the TTL of the target: such an A or AAAA has neither values nor a TTL
   * of its own. https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html
   */
  readonly alias?: AliasTarget;
};

export type AliasTarget = {
  readonly hostedZoneId: string;
  readonly dnsName: DomainName;
  /** As it was listed; oneup writes false, because it alone decides who is healthy. */
  readonly evaluateTargetHealth: boolean;
};

/** One text for one name and type; class IN is implied everywhere. */
export function rrsetKeyText({ name, type }: RrsetKey): string {
  return `${name}|${type}`;
}
