// One guarded write of one service, as plain JSON: it can be journaled, compared and sent again by the next controller.
// It holds the whole ownership TXT that it will leave, so that its outcome can be settled later (S26).
import type { DomainName, ServiceId } from '../base/ids.ts';
import type { RrsetChange } from './rrset-change.ts';

export type DnsWrite = {
  readonly service: ServiceId;
  readonly zone: DomainName;
  /** At least one; the ownership TXT is the first. */
  readonly changes: readonly RrsetChange[];
  /** TXT value that must be in force for the write to happen; null for the first write of a name. */
  readonly ownershipBefore: string | null;
  readonly ownershipAfter: string;
};
