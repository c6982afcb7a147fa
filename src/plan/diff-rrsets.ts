// From what a managed name holds to what it shall hold, as guarded changes. Never an empty answer on the way, and never a
// change of what is not ours: values that are no node's address stop the write instead (S27, S28).
import type { DomainName } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type Rrset, rrsetKeyText } from '../dns/rrset.ts';
import { canonicalValue, isSameRrset } from '../dns/rrset-equality.ts';
import type { Refusal } from '../failover/refusal.ts';
import { ownershipName } from './ownership.ts';
import type { RrsetChange } from './rrset-change.ts';

export type DiffInput = {
  readonly name: DomainName;
  /** What the provider listed; RRsets of other names are left alone. */
  readonly current: readonly Rrset[];
  /** From `desiredRrsets`: at least one address RRset. */
  readonly desired: readonly Rrset[];
  /** Addresses of every configured node of the service: what oneup itself may have written. */
  readonly nodeAddresses: readonly string[];
};

/**
 * The ownership TXT comes first, then what is created or replaced, then what is removed: after every prefix the name has an
 * address if it had one before. Empty when nothing is to be done. Throws RangeError when nothing but removal is desired.
 */
export function diffRrsets(input: DiffInput): Result<readonly RrsetChange[], Refusal> {
  const { name, desired } = input;
  if (!desired.some((rrset) => rrset.name === name && isAddress(rrset) && rrset.values.length > 0)) {
    throw new RangeError(`Cannot plan ${name}: no address is desired and an answer is never emptied (S28)`);
  }
  const managed = input.current.filter((rrset) => isManaged(rrset, name));
  const drift = findForeign(input);
  if (drift !== null) return err(drift);
  const before = new Map(managed.map((rrset) => [rrsetKeyText(rrset), rrset]));
  const writes = desired.flatMap((after) => replace(before.get(rrsetKeyText(after)) ?? null, after));
  const wanted = new Set(desired.map(rrsetKeyText));
  const removals = managed.filter((rrset) => !wanted.has(rrsetKeyText(rrset))).map(remove);
  return ok([...writes.filter(isText), ...writes.filter((change) => !isText(change)), ...removals]);
}

/** The refusal for values that nobody here wrote; null when there are none. */
export function findForeign({ name, current, nodeAddresses }: Omit<DiffInput, 'desired'>): Refusal | null {
  const ours = new Set(nodeAddresses.map(canonicalValue));
  for (const rrset of current.filter((candidate) => candidate.name === name)) {
    // A CNAME excludes every other record of its name (RFC 1034 section 3.6.2).
    if (rrset.type === 'CNAME') return drift(rrset, rrset.values);
    const foreign = isAddress(rrset) ? rrset.values.filter((value) => !ours.has(canonicalValue(value))) : [];
    if (foreign.length > 0) return drift(rrset, foreign);
  }
  return null;
}

function drift({ name, type }: Rrset, values: readonly string[]): Refusal {
  return {
    rule: 'S27.dns-drift',
    reason: `${name} ${type} holds ${values.join(', ')}, which is no address of a node of this service`,
    remedy: `Remove the foreign ${type} record, or add its address as a node and run oneup reload`,
  };
}

function replace(before: Rrset | null, after: Rrset): readonly RrsetChange[] {
  return before !== null && isSameRrset(before, after) ? [] : [{ before, after }];
}

function remove(before: Rrset): RrsetChange {
  return { before, after: null };
}

function isManaged(rrset: Rrset, name: DomainName): boolean {
  return (rrset.name === name && isAddress(rrset)) || (rrset.name === ownershipName(name) && rrset.type === 'TXT');
}

function isAddress({ type }: Rrset): boolean {
  return type === 'A' || type === 'AAAA';
}

function isText(change: RrsetChange): boolean {
  return change.after?.type === 'TXT';
}
