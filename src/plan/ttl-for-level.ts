// The TTL that belongs to a level: short from the first failing vote until the service is stable again, long otherwise.
import { assertNever } from '../base/assert-never.ts';
import type { TtlLevel } from '../failover/intent.ts';

export type RecordTtl = {
  readonly steadySeconds: number;
  readonly suspectSeconds: number;
  readonly settlingSeconds: number;
};

/** Each level as the provider can publish it: what lies outside its range becomes the nearest that does not. */
export function clampTtl(
  { steadySeconds, suspectSeconds, settlingSeconds }: RecordTtl,
  { ttlMinSeconds, ttlMaxSeconds }: { readonly ttlMinSeconds: number; readonly ttlMaxSeconds: number },
): RecordTtl {
  const clamp = (seconds: number) => Math.min(ttlMaxSeconds, Math.max(ttlMinSeconds, seconds));
  return {
    steadySeconds: clamp(steadySeconds),
    suspectSeconds: clamp(suspectSeconds),
    settlingSeconds: clamp(settlingSeconds),
  };
}

/** Seconds, as given for the record. */
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
