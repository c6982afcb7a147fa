// The TTL that belongs to a level: short from the first failing vote until the service is stable again, long otherwise.
import { assertNever } from '../base/assert-never.ts';
import type { TtlLevel } from '../failover/intent.ts';

export type RecordTtl = {
  readonly steadySeconds: number;
  readonly suspectSeconds: number;
  readonly settlingSeconds: number;
};

/** Seconds, as configured for the record. */
export function ttlForLevel(level: TtlLevel, ttl: RecordTtl): number {
  switch (level) {
    case 'steady':
      return ttl.steadySeconds;
    case 'suspect':
      return ttl.suspectSeconds;
    case 'settling':
      return ttl.settlingSeconds;
    default:
      return assertNever(level);
  }
}
