// An UPDATE (RFC 2136): changes of one zone that a server does all together, and only if all prerequisites hold.
import type { DomainName } from '../base/ids.ts';
import type { Rrset, RrsetKey } from './rrset.ts';

export const OPCODE_UPDATE = 5;

/** Section 2.4. No prerequisite compares a TTL. */
export type Prerequisite =
  /** Section 2.4.1: some RRset of this name and type. */
  | { readonly kind: 'rrsetExists'; readonly key: RrsetKey }
  /** Section 2.4.2: an RRset with exactly these values. */
  | { readonly kind: 'rrsetIs'; readonly rrset: Pick<Rrset, 'name' | 'type' | 'values'> }
  /** Section 2.4.3. */
  | { readonly kind: 'noRrset'; readonly key: RrsetKey }
  /** Section 2.4.4. */
  | { readonly kind: 'nameInUse'; readonly name: DomainName }
  /** Section 2.4.5. */
  | { readonly kind: 'nameNotInUse'; readonly name: DomainName };

/** Section 2.5. A server does them in this order. */
export type UpdateStep =
  /** Section 2.5.1. */
  | { readonly kind: 'add'; readonly rrset: Rrset }
  /** Section 2.5.2. */
  | { readonly kind: 'deleteRrset'; readonly key: RrsetKey }
  /** Section 2.5.3. */
  | { readonly kind: 'deleteName'; readonly name: DomainName }
  /** Section 2.5.4: these values and no others. */
  | { readonly kind: 'deleteValues'; readonly rrset: Pick<Rrset, 'name' | 'type' | 'values'> };

export type Update = {
  readonly id: number;
  readonly zone: DomainName;
  readonly prerequisites: readonly Prerequisite[];
  readonly steps: readonly UpdateStep[];
};
