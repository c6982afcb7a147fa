// What a managed name shall hold: one address RRset, A or AAAA by the address, and the ownership TXT beside it (S26).
import type { DomainName } from '../base/ids.ts';
import { parseAddress } from '../dns/address.ts';
import type { Rrset } from '../dns/rrset.ts';
import { formatOwnership, type Ownership, ownershipName } from './ownership.ts';

export type DesiredInput = {
  readonly name: DomainName;
  /** IPv4 or IPv6 address of the verified node (S28). */
  readonly address: string;
  /** 0 to 2147483647 (RFC 2181 section 8). */
  readonly ttlSeconds: number;
  readonly ownership: Ownership;
};

/** Throws RangeError for an address that is none: configuration has checked it, so this is a programmer's fault. */
export function desiredRrsets({ name, address, ttlSeconds, ownership }: DesiredInput): readonly Rrset[] {
  const parsed = parseAddress(address);
  if (!parsed.ok) throw new RangeError(`Cannot publish ${name}: ${parsed.error}`);
  return [
    { name, type: parsed.value.family === 4 ? 'A' : 'AAAA', ttlSeconds, values: [address] },
    { name: ownershipName(name), type: 'TXT', ttlSeconds, values: [formatOwnership(ownership)] },
  ];
}
