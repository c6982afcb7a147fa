// The invariants that one RRset can break on its own, whatever stands beside it in the zone.
import { formatName } from '../dns/domain-name.ts';
import { isWithin } from '../dns/name-tree.ts';
import { isWeights } from '../dns/stored-rrset.ts';
import type { ParsedRrset } from './parsed-rrset.ts';
import type { ZoneFault, ZoneFaultKind } from './zone-fault.ts';

/** RFC 2181 section 8. */
const TTL_MAX_SECONDS = 0x7fffffff;
/**
 * Octets of one RRset on the wire. Whatever else an answer holds (question, a chain of aliases), every name in it then
 * stays within the 16383 octets that compression pointers reach, and any RRset fits into one TCP message.
 */
const RRSET_MAX_OCTETS = 12_288;
/** Pointer, type, class, ttl and rdata length of a record as compiled. */
export const RECORD_HEAD_OCTETS = 12;

/** Faults of one RRset of the zone whose lower-case apex is given. */
export function checkRrset({ rrset, name, rdatas }: ParsedRrset, apex: Uint8Array): readonly ZoneFault[] {
  const faults: ZoneFault[] = [];
  const fault = (kind: ZoneFaultKind, reason: string): void => {
    faults.push({ kind, name: rrset.name, type: rrset.type, reason });
  };
  const canonical = formatName(name);
  if (canonical !== rrset.name) fault('name-not-canonical', `expected ${canonical}`);
  if (!isWithin(name, apex)) fault('name-outside-zone', `the zone is ${formatName(apex)}`);
  if (!Number.isInteger(rrset.ttlSeconds) || rrset.ttlSeconds < 0 || rrset.ttlSeconds > TTL_MAX_SECONDS) {
    fault('ttl-out-of-range', `expected 0 to ${TTL_MAX_SECONDS} seconds, value was ${rrset.ttlSeconds}`);
  }
  if (rrset.values.length === 0) fault('rrset-empty', 'an RRset has at least one value (S28)');
  for (const [index, rdata] of rdatas.entries()) {
    const previous = rdatas[index - 1];
    if (previous !== undefined && Buffer.compare(previous, rdata) === 0) {
      fault('value-repeated', 'two values are the same on the wire (RFC 2181 section 5)');
    }
  }
  const { weights } = rrset;
  if (weights !== undefined && !isWeights(weights, rrset.values.length))
    fault('weights-invalid', `expected a number above 0 for each value, found ${JSON.stringify(weights)}`);
  const octets = rdatas.reduce((sum, rdata) => sum + RECORD_HEAD_OCTETS + rdata.length, 0);
  if (octets > RRSET_MAX_OCTETS) fault('rrset-too-large', `${octets} octets on the wire, at most ${RRSET_MAX_OCTETS}`);
  return faults;
}
