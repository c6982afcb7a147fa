// Which of two snapshots of one zone a server takes: generations first, serials within one (S30, RFC 1982).
import { compareSerials } from '../dns/serial.ts';
import type { ZoneSnapshot } from './zone-snapshot.ts';

type Version = Pick<ZoneSnapshot, 'generation' | 'serial'>;

/** Whether `candidate` replaces `current`. Serials half a circle apart have no order and replace nothing. */
export function isNewerSnapshot(candidate: Version, current: Version): boolean {
  if (candidate.generation !== current.generation) return candidate.generation > current.generation;
  return compareSerials(candidate.serial, current.serial) === 'greater';
}
