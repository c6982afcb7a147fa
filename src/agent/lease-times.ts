// The arithmetic of a lease on the node (S14): until when a renewal lets the service run, on the clock that counts suspension,
// counted from before the request was sent (S3).
import type { LeaseTerms } from '../ports/agent-link.ts';

export type LeaseTimes = {
  /** The agent begins to stop the service here at the latest. */
  readonly stopBootMs: number;
  /** The keeper kills whatever is left of it here. */
  readonly deadBootMs: number;
};

/** `sentBootMs`: read before the renewal that was granted was sent. */
export function leaseTimes(sentBootMs: number, { periodMs, stopTimeoutMs, marginMs }: LeaseTerms): LeaseTimes {
  return timesBefore(sentBootMs + periodMs - marginMs, { stopTimeoutMs });
}

/** What was told to the keeper says the rest. */
export function timesBefore(deadBootMs: number, { stopTimeoutMs }: Pick<LeaseTerms, 'stopTimeoutMs'>): LeaseTimes {
  return { stopBootMs: deadBootMs - stopTimeoutMs, deadBootMs };
}

/** Several tries may fail before anything has to stop. */
export function renewEveryMs({ periodMs }: LeaseTerms): number {
  return Math.floor(periodMs / 6);
}
