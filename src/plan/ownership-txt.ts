// Finds the ownership TXT among what a provider lists, as one text that can be judged.
import type { DomainName } from '../base/ids.ts';
import type { Rrset } from '../dns/rrset.ts';
import { ownershipName } from './ownership.ts';

/** The one value of the ownership TXT. Several values are read as one that nobody wrote, and so become drift. */
export function ownershipTxt(name: DomainName, current: readonly Rrset[]): string | null {
  const owner = ownershipName(name);
  const rrset = current.find((candidate) => candidate.name === owner && candidate.type === 'TXT');
  return rrset === undefined ? null : rrset.values.join(' ');
}
