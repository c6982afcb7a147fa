// The invariants of a zone that can be served, by name, and how a violation of one is told.
import type { RrType } from '../dns/rrset.ts';

export type ZoneFaultKind =
  | 'name-invalid'
  | 'name-not-canonical'
  | 'name-outside-zone'
  | 'generation-invalid'
  | 'serial-invalid'
  | 'ttl-out-of-range'
  | 'rrset-empty'
  | 'rrset-repeated'
  | 'rrset-too-large'
  | 'value-invalid'
  | 'value-repeated'
  | 'weights-invalid'
  | 'order-not-canonical'
  | 'zone-too-large'
  | 'soa-missing'
  | 'soa-not-single'
  | 'soa-not-at-apex'
  | 'soa-serial-differs'
  | 'apex-ns-missing'
  | 'cname-not-alone'
  | 'cname-not-single'
  | 'cname-chain'
  | 'target-is-cname'
  | 'name-server-without-address'
  | 'ns-at-wildcard'
  | 'data-below-delegation'
  | 'data-at-delegation';

export type ZoneFault = {
  readonly kind: ZoneFaultKind;
  readonly name: string;
  readonly type: RrType | null;
  readonly reason: string;
};

/** One line for people: `www.example.com. CNAME: cname-not-alone: ...`. */
export function formatZoneFault({ kind, name, type, reason }: ZoneFault): string {
  return `${name}${type === null ? '' : ` ${type}`}: ${kind}: ${reason}`;
}
