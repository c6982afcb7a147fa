// From what a managed name holds to what it shall hold, as guarded changes. Never an empty answer on the way, and never a
// change of what is not ours: answers that no node publishes stop the write instead (S27, S28).
import type { DomainName } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type Rrset, rrsetKeyText } from '../dns/rrset.ts';
import { answersOf, isSameRrset } from '../dns/rrset-equality.ts';
import type { Refusal } from '../failover/refusal.ts';
import { ownershipName } from './ownership.ts';
import type { RrsetChange } from './rrset-change.ts';

export type DiffInput = {
  readonly name: DomainName;
  /** What the provider listed; RRsets of other names are left alone. */
  readonly current: readonly Rrset[];
  /** From `desiredRrsets`: at least one RRset that answers something. */
  readonly desired: readonly Rrset[];
  /** From `ownAnswers`, of every configured node of the service: what oneup itself may have written. */
  readonly ownAnswers: readonly string[];
};

/**
 * The ownership TXT comes first, then what is created or replaced, then what is removed: after every prefix the name has an
 * answer if it had one before. Only where a CNAME takes the place of addresses, or they its place, removal comes first, because
 * a CNAME stands alone (RFC 1034 section 3.6.2): such a change needs a batch that is done as one. Empty when nothing is to be
 * done. Throws RangeError when nothing but removal is desired.
 */
export function diffRrsets(input: DiffInput): Result<readonly RrsetChange[], Refusal> {
  const { name, desired } = input;
  if (!desired.some((rrset) => rrset.name === name && isAnswer(rrset) && answersOf(rrset).length > 0)) {
    throw new RangeError(`Cannot plan ${name}: no address is desired and an answer is never emptied (S28)`);
  }
  const managed = input.current.filter((rrset) => isManaged(rrset, name));
  const drift = findForeign(input) ?? findCompany(input);
  if (drift !== null) return err(drift);
  const before = new Map(managed.map((rrset) => [rrsetKeyText(rrset), rrset]));
  const writes = desired.flatMap((after) => replace(before.get(rrsetKeyText(after)) ?? null, after));
  const wanted = new Set(desired.map(rrsetKeyText));
  const removals = managed.filter((rrset) => !wanted.has(rrsetKeyText(rrset))).map(remove);
  const answers = writes.filter((change) => !isText(change));
  const isExchange = [...answers, ...removals].some((change) => (change.after ?? change.before)?.type === 'CNAME');
  return ok([...writes.filter(isText), ...(isExchange ? [...removals, ...answers] : [...answers, ...removals])]);
}

/** The refusal for values that nobody here wrote; null when there are none. */
export function findForeign({ name, current, ownAnswers }: Omit<DiffInput, 'desired'>): Refusal | null {
  const ours = new Set(ownAnswers);
  for (const rrset of current.filter((candidate) => candidate.name === name)) {
    const foreign = isAnswer(rrset) ? answersOf(rrset).filter((answer) => !ours.has(answer)) : [];
    if (foreign.length > 0) return drift(rrset, foreign);
  }
  return null;
}

function drift({ name, type }: Rrset, values: readonly string[]): Refusal {
  const noun = type === 'CNAME' ? 'target' : 'address';
  return {
    rule: 'S27.dns-drift',
    reason: `${name} ${type} holds ${values.join(', ')}, which is no ${noun} of a node of this service`,
    remedy: `Remove the foreign ${type} record, or add its ${noun} as a node and run oneup reload`,
  };
}

/** A CNAME excludes every other record of its name (RFC 1034 section 3.6.2), and what others wrote there stays. */
function findCompany({ name, current, desired }: DiffInput): Refusal | null {
  if (!desired.some(({ type }) => type === 'CNAME')) return null;
  const company = current.find((rrset) => rrset.name === name && !isAnswer(rrset));
  if (company === undefined) return null;
  return {
    rule: 'S27.dns-drift',
    reason: `${name} is to be a CNAME and holds ${company.type} records, which cannot stand beside it`,
    remedy: `Remove the ${company.type} record, or give the nodes addresses in place of targets`,
  };
}

function replace(before: Rrset | null, after: Rrset): readonly RrsetChange[] {
  return before !== null && isSameRrset(before, after) ? [] : [{ before, after }];
}

function remove(before: Rrset): RrsetChange {
  return { before, after: null };
}

function isManaged(rrset: Rrset, name: DomainName): boolean {
  return (rrset.name === name && isAnswer(rrset)) || (rrset.name === ownershipName(name) && rrset.type === 'TXT');
}

/** The types that say where a name leads. */
function isAnswer({ type }: Rrset): boolean {
  return type === 'A' || type === 'AAAA' || type === 'CNAME';
}

function isText(change: RrsetChange): boolean {
  return change.after?.type === 'TXT';
}
