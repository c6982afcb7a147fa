// What the quorum sees of a service at one moment, counted from the observations of all probers.
import type { NodeId, ProberId } from '../base/ids.ts';
import type { QuorumOutcome } from '../quorum/quorum-outcome.ts';

export type View = {
  readonly nodes: Readonly<Record<NodeId, NodeView>>;
  /** Store revision up to which observations are counted in. */
  readonly revision: number;
  /** Why the mass-failure brake holds new automatic operations, or null (S36). */
  readonly brake: string | null;
  /** Set when every live prober abstains (S22). */
  readonly referencesLost?: boolean;
};

export type NodeView = {
  /** Do the probers agree that it is down; and that it is up? */
  readonly down: QuorumOutcome;
  readonly up: QuorumOutcome;
  /** Counted only from observations stamped for the operation in VERIFY_NEW (S25). */
  readonly verified: QuorumOutcome;
  /** Probers that see it answering as active, with the store revision at which each said so. */
  readonly answering: readonly { readonly prober: ProberId; readonly revision: number }[];
  /** Probers with an open suspicion. */
  readonly suspectedBy: readonly ProberId[];
  /** `unreached` when somebody looked and nobody had any answer from the host. */
  readonly reach: 'reached' | 'unreached' | 'unknown';
  readonly votes: readonly VoteEvidence[];
};

/** One prober's vote as `why` shows it. */
export type VoteEvidence = {
  readonly prober: ProberId;
  readonly vantage: string;
  readonly verdict: 'up' | 'down' | 'unknown' | 'absent' | 'abstains';
  readonly reason: string;
  readonly checkedWallMs: number | null;
};

/** Answers as active in the eyes of more than half of the configured probers. */
export function isSeenByMost(view: NodeView | undefined): boolean {
  return view !== undefined && view.answering.length * 2 > view.votes.length;
}
