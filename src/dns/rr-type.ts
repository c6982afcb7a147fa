// Numbers and names of RR types and QTYPEs (IANA DNS parameters; unknown ones are written as in RFC 3597 section 5).
import type { RrType } from './rrset.ts';

export const RR_TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  DS: 43,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  NSEC3: 50,
  NSEC3PARAM: 51,
  TKEY: 249,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  MAILB: 253,
  MAILA: 254,
  ANY: 255,
  CAA: 257,
} as const satisfies Readonly<Record<RrType, number>> & Readonly<Record<string, number>>;

/** Class IN (RFC 1035 section 3.2.4), the only class that oneup serves. */
export const CLASS_IN = 1;

/** Classes that mean something else than data in the sections of an UPDATE (RFC 2136 section 1.3.2). */
export const CLASS_NONE = 254;
export const CLASS_ANY = 255;

/** RFC 6895 section 3.1: types 128 to 255 can be asked for and are never the type of data in a zone. */
export function isMetaType(type: number): boolean {
  return type === RR_TYPE.OPT || (type >= 128 && type <= 255);
}

/** `A`, `CAA`, or `TYPE65280` for what has no name here. */
export function formatType(type: number): string {
  return Object.entries(RR_TYPE).find(([, number]) => number === type)?.[0] ?? `TYPE${type}`;
}

/** Whether oneup can hold records of this type, and which name that type has. */
export function rrTypeOf(type: number): RrType | null {
  return STORED_TYPES.find((name) => RR_TYPE[name] === type) ?? null;
}

const STORED_TYPES: readonly RrType[] = ['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'SOA', 'SRV', 'TXT'];
