// Whether what a batch wants to replace is what is there: the condition of every write (S26), for providers that hold
// their records themselves.

import type { DomainName } from '../src/base/ids.ts';
import { type Rrset, rrsetKeyText } from '../src/dns/rrset.ts';
import { answersOf, isSameRrset } from '../src/dns/rrset-equality.ts';
import type { RrsetChange } from '../src/plan/rrset-change.ts';

/** The first difference as a reason, or null when every `before` is what `current` holds. */
export function findConflict(changes: readonly RrsetChange[], current: readonly Rrset[]): string | null {
  const held = new Map(current.map((rrset) => [rrsetKeyText(rrset), rrset]));
  for (const { before, after } of changes) {
    const key = rrsetKeyText((before ?? after) as Rrset);
    const found = held.get(key);
    if (before === null && found !== undefined) return `${key} exists: ${describe(found)}`;
    if (before !== null && found === undefined) return `${key} does not exist, expected ${describe(before)}`;
    if (before !== null && found !== undefined && !isSameRrset(before, found)) {
      return `${key} is ${describe(found)}, expected ${describe(before)}`;
    }
  }
  return null;
}

/** The names that a batch touches. */
export function namesOf(changes: readonly RrsetChange[]): readonly DomainName[] {
  return [...new Set(changes.map(({ before, after }) => ((before ?? after) as Rrset).name))];
}

export function atNames(rrsets: readonly Rrset[], names: readonly DomainName[]): readonly Rrset[] {
  return rrsets.filter(({ name }) => names.includes(name));
}

function describe(rrset: Rrset): string {
  const answers = answersOf(rrset).join(', ');
  return rrset.alias === undefined ? `${answers} with TTL ${rrset.ttlSeconds}` : answers;
}
