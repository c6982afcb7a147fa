// What the votes of the probers amount to on one question about one node.
import type { ProberId } from '../base/ids.ts';

/**
 * `agreed`: a majority of the probers that look at the service said yes, from enough vantages (S24). `rejected`: that cannot
 * happen any more whatever the missing ones say. `pending`: it still can, so nothing moves.
 */
export type QuorumOutcome = {
  readonly kind: 'agreed' | 'rejected' | 'pending';
  readonly for: readonly ProberId[];
  readonly against: readonly ProberId[];
  /** Abstaining, absent or unreadable: not a yes and not a no. */
  readonly missing: readonly ProberId[];
  /** Distinct vantages of those who said yes, in the order of the configuration. */
  readonly vantages: readonly string[];
};
