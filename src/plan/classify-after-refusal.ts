// What to do after a provider refused a guarded write (S27), from a fresh listing and a fresh read of the store.
import type { DomainName } from '../base/ids.ts';
import type { Rrset } from '../dns/rrset.ts';
import { hasSameValues, isSameRrset } from '../dns/rrset-equality.ts';
import type { Refusal } from '../failover/refusal.ts';
import { classifyOwnership, type OwnershipInput } from './classify-ownership.ts';
import { findForeign } from './diff-rrsets.ts';
import { type Ownership, ownershipName } from './ownership.ts';

export type AfterRefusalInput = Omit<OwnershipInput, 'currentTxt'> & {
  readonly name: DomainName;
  /** What the provider lists now. */
  readonly current: readonly Rrset[];
  /** What was in force when the refused write was planned: the `before` of its changes. */
  readonly expected: readonly Rrset[];
  readonly nodeAddresses: readonly string[];
};

/**
 * `done`: the write is in force after all. `retryAbove`: write again with `previous` as the ownership it replaces.
 * `repairTtl`: only the TTL of our own values was edited; write again over `edited`. `retrySame`: the values are as they
 * were, the refusal was for a moment that has passed. `drift`: BLOCKED, a person decides. `stale`: resign.
 */
export type AfterRefusal =
  | { readonly kind: 'done' }
  | { readonly kind: 'retryAbove'; readonly previous: Ownership }
  | { readonly kind: 'repairTtl'; readonly edited: readonly Rrset[] }
  | { readonly kind: 'retrySame' }
  | { readonly kind: 'drift'; readonly refusal: Refusal }
  | { readonly kind: 'stale'; readonly reason: string };

export function classifyAfterRefusal(input: AfterRefusalInput): AfterRefusal {
  const standing = classifyOwnership({ ...input, currentTxt: ownershipTxt(input.name, input.current) });
  if (standing.kind === 'stale' || standing.kind === 'drift' || standing.kind === 'done') return standing;
  // Before anything is written again: is what stands there ours?
  const refusal = findForeign(input);
  if (refusal !== null) return { kind: 'drift', refusal };
  if (standing.kind === 'retryAbove') return standing;
  const edited = input.current.filter((rrset) =>
    input.expected.some((before) => hasSameValues(before, rrset) && !isSameRrset(before, rrset)),
  );
  return edited.length > 0 ? { kind: 'repairTtl', edited } : { kind: 'retrySame' };
}

/** The one value of the ownership TXT. Several values are read as one that nobody wrote, and so become drift. */
export function ownershipTxt(name: DomainName, current: readonly Rrset[]): string | null {
  const owner = ownershipName(name);
  const rrset = current.find((candidate) => candidate.name === owner && candidate.type === 'TXT');
  return rrset === undefined ? null : rrset.values.join(' ');
}
