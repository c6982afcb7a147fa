// What the quorum sees of a service at one moment, counted from the observations of the probers that look at it.
import type { NodeId, ProberId, ServiceId } from '../base/ids.ts';
import type { QuorumOutcome } from '../quorum/quorum-outcome.ts';

export type View = {
  readonly nodes: Readonly<Record<NodeId, NodeView>>;
  /** Store revision up to which observations are counted in. */
  readonly revision: number;
  /** Why the mass-failure brake holds new automatic operations, or null (S36). */
  readonly brake: string | null;
  /** Other services that are served at the address of a node: they would be hit with it (S36). Only nodes where there are any. */
  readonly hostServes?: Readonly<Record<NodeId, readonly ServiceId[]>>;
  /** Set when every live prober that looks at the service abstains (S22). */
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
  /** What the probers agree on of a warm standby; only where there is a check for it (S25). */
  readonly standby?: StandbyView;
  /** Its own agent says that the service is active or starting there. */
  readonly reported?: ReportedNode;
};

/** `unhealthy`: it does not pass what a standby passes that could take over. */
export type StandbyView = {
  readonly healthy: QuorumOutcome;
  readonly unhealthy: QuorumOutcome;
  readonly votes: readonly VoteEvidence[];
};

/** `revision`: of the store, when the agent said so. */
export type ReportedNode = { readonly agent: string; readonly revision: number };

/** One prober's vote as `why` shows it. */
export type VoteEvidence = {
  readonly prober: ProberId;
  readonly vantage: string;
  readonly verdict: 'up' | 'down' | 'unknown' | 'absent' | 'abstains';
  readonly reason: string;
  readonly checkedWallMs: number | null;
  /** Checks in a row that have gone against the verdict without changing it yet; absent when none has. */
  readonly against?: number;
};

/** Answers as active in the eyes of more than half of the probers that look at it. */
export function isSeenByMost(view: NodeView | undefined): boolean {
  return view !== undefined && view.answering.length * 2 > view.votes.length;
}
