// What a person was shown of a name, as one short word: a record is taken over only as it was seen (S11).
import { createHash } from 'node:crypto';
import type { DomainName } from '../base/ids.ts';
import type { Rrset } from '../dns/rrset.ts';
import { answersOf } from '../dns/rrset-equality.ts';

/** 48 bits: enough that no edit between look and write goes unseen; nobody gains by making two records look alike. */
const LENGTH = 12;

/** The same word for the same RRsets at the name, whatever their order. */
export function recordShown(name: DomainName, current: readonly Rrset[]): string {
  const lines = current
    .filter((rrset) => rrset.name === name)
    .map((rrset) => [rrset.type, rrset.ttlSeconds, ...answersOf(rrset).toSorted()].join(' '))
    .sort();
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, LENGTH);
}
