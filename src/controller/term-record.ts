// The persistent record of terms: a number that only rises, who held the last one, and whether it was given up cleanly (S9).

import type { ProberId } from '../base/ids.ts';
import { OneupError } from '../base/oneup-error.ts';

export type TermRecord = {
  readonly term: number;
  readonly holder: ProberId | null;
  /** `idle`: the holder resigned with nothing in flight, so a successor need not wait for it. */
  readonly state: 'held' | 'idle';
  /** Session ttl of the holder, in milliseconds. */
  readonly ttlMs: number;
};

export function encodeTerm(record: TermRecord): string {
  return JSON.stringify(record);
}

/** An absent record is the time before the first term. Throws ONEUP_STORE_CORRUPT for one that cannot be read. */
export function parseTerm(text: string | undefined): TermRecord {
  if (text === undefined) return { term: 0, holder: null, state: 'idle', ttlMs: 0 };
  try {
    const value = JSON.parse(text) as Partial<TermRecord> | number;
    // `init` leaves a bare zero: no term has been held yet.
    if (typeof value === 'number' && Number.isSafeInteger(value))
      return { term: value, holder: null, state: 'idle', ttlMs: 0 };
    if (typeof value === 'number') throw new RangeError('not a whole number');
    const { term, holder = null, state = 'idle', ttlMs = 0 } = value;
    if (typeof term === 'number' && Number.isSafeInteger(term) && (state === 'held' || state === 'idle')) {
      return { term, holder, state, ttlMs };
    }
  } catch {
    // Falls through to the one error below.
  }
  throw new OneupError('ONEUP_STORE_CORRUPT', `Cannot read the term record: value was ${text.slice(0, 200)}`);
}
