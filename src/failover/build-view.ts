// Counts the observations of a service's probers into what the machine sees. Votes of probers that abstain, are absent or
// cannot be read are missing, never a no (S22 to S25); what anybody else wrote is not looked at (S24).
import type { NodeId, ProberId, ServiceId } from '../base/ids.ts';
import type { Observation } from '../health/observation.ts';
import type { QuorumOutcome } from '../quorum/quorum-outcome.ts';
import { tally, type Vote } from '../quorum/tally.ts';
import type { NodeView, ReportedNode, StandbyView, View, VoteEvidence } from './view.ts';

export type SeenObservation = {
  readonly prober: ProberId;
  readonly node: NodeId;
  readonly revision: number;
  readonly observation: Observation;
};

export type ViewInput = {
  readonly service: ServiceId;
  readonly nodes: readonly NodeId[];
  /** The probers that look at this service, by the configuration in force (S7, S24). */
  readonly probers: readonly { readonly id: ProberId; readonly vantage: string }[];
  readonly minVantages: number;
  /** Only observations whose session lives. */
  readonly observations: readonly SeenObservation[];
  /** Warm standbys, and what the probers say of each (S25). */
  readonly standby?: { readonly nodes: readonly NodeId[]; readonly observations: readonly SeenObservation[] };
  readonly suspicions: readonly { readonly prober: ProberId; readonly node: NodeId }[];
  /** Probers that reach none of their references (S22). */
  readonly abstaining: readonly ProberId[];
  /** Probers that run another configuration than the one in force: what they look at is not what is counted here (S7). */
  readonly elsewhere?: readonly ProberId[];
  /** By node: what agents say of themselves (S19). */
  readonly reported?: Readonly<Record<NodeId, ReportedNode>>;
  /** The operation in VERIFY_NEW, if there is one (S25). */
  readonly verifying: { readonly opId: string; readonly epoch: number } | null;
  readonly revision: number;
  readonly brake: string | null;
};

export function buildView(given: ViewInput): View {
  const input = ofVotersOnly(given);
  const nodes = Object.fromEntries(input.nodes.map((node) => [node, nodeView(input, node)] as const));
  const live = new Set(input.observations.map((entry) => entry.prober));
  const referencesLost = live.size > 0 && [...live].every((prober) => input.abstaining.includes(prober));
  return { nodes, revision: input.revision, brake: input.brake, ...(referencesLost ? { referencesLost } : {}) };
}

/** A prober that had a vote until the last reload, or has not noticed it yet, may have left something behind. */
function ofVotersOnly(input: ViewInput): ViewInput {
  const { elsewhere = [] } = input;
  const voters = new Set(input.probers.map(({ id }) => id).filter((id) => !elsewhere.includes(id)));
  const isVoters = ({ prober }: { readonly prober: ProberId }) => voters.has(prober);
  return {
    ...input,
    observations: input.observations.filter(isVoters),
    suspicions: input.suspicions.filter(isVoters),
    ...(input.standby === undefined
      ? {}
      : { standby: { ...input.standby, observations: input.standby.observations.filter(isVoters) } }),
  };
}

function nodeView(input: ViewInput, node: NodeId): NodeView {
  const reported = input.reported?.[node];
  const seen = input.observations.filter((entry) => entry.node === node);
  const valid = seen.filter((entry) => !input.abstaining.includes(entry.prober));
  const stamped = valid.filter(({ observation }) => matches(observation.stamp, input.verifying));
  return {
    down: count(input, 'down', valid),
    up: count(input, 'up', valid),
    verified: count(input, 'up', input.verifying === null ? [] : stamped.map(asActive)),
    // Even a prober that abstains is believed when it sees something answer: looking failed for others, not for this.
    answering: seen
      .filter(({ observation }) => observation.answering)
      .map(({ prober, revision }) => ({ prober, revision })),
    suspectedBy: input.suspicions.filter((entry) => entry.node === node).map((entry) => entry.prober),
    reach: reachOf(valid),
    votes: input.probers.map((prober) => evidence(input, prober, seen)),
    ...(reported === undefined ? {} : { reported }),
    ...(input.standby?.nodes.includes(node) === true
      ? {
          standby: standbyView(
            input,
            input.standby.observations.filter((entry) => entry.node === node),
          ),
        }
      : {}),
  };
}

/** Counted like the votes on the service (S24): no verdict of a few, and a missing vote is never a no. */
function standbyView(input: ViewInput, seen: readonly SeenObservation[]): StandbyView {
  const valid = seen.filter((entry) => !input.abstaining.includes(entry.prober));
  return {
    healthy: count(input, 'up', valid),
    unhealthy: count(input, 'down', valid),
    votes: input.probers.map((prober) => evidence(input, prober, seen)),
  };
}

/** S25: up is not enough. A warm standby that was never promoted passes `check` too, but not what only the active passes. */
function asActive(entry: SeenObservation): SeenObservation {
  const { observation } = entry;
  return observation.answering ? entry : { ...entry, observation: { ...observation, verdict: 'unknown' } };
}

function count(input: ViewInput, question: 'up' | 'down', seen: readonly SeenObservation[]): QuorumOutcome {
  const votes: Vote[] = seen.map(({ prober, observation }) => ({ prober, verdict: observation.verdict }));
  return tally({ question, votes, probers: input.probers, minVantages: input.minVantages });
}

function matches(stamp: Observation['stamp'], verifying: ViewInput['verifying']): boolean {
  return stamp !== null && verifying !== null && stamp.opId === verifying.opId && stamp.epoch === verifying.epoch;
}

/** `unreached` only when somebody looked and nobody had any answer: one refused connection shows a living host. */
function reachOf(seen: readonly SeenObservation[]): NodeView['reach'] {
  const reaches = seen.map(({ observation }) => observation.reach);
  if (reaches.includes('reached')) return 'reached';
  return reaches.includes('unreached') ? 'unreached' : 'unknown';
}

function evidence(
  input: ViewInput,
  prober: { readonly id: ProberId; readonly vantage: string },
  seen: readonly SeenObservation[],
): VoteEvidence {
  const found = seen.find((entry) => entry.prober === prober.id)?.observation;
  const base = { prober: prober.id, vantage: prober.vantage };
  if (input.elsewhere?.includes(prober.id) === true)
    return { ...base, verdict: 'absent', reason: 'runs another configuration', checkedWallMs: null };
  if (found === undefined) return { ...base, verdict: 'absent', reason: 'no live observation', checkedWallMs: null };
  const verdict = input.abstaining.includes(prober.id) ? 'abstains' : found.verdict;
  const vote: VoteEvidence = { ...base, verdict, reason: found.reason, checkedWallMs: found.checkedWallMs };
  return isAgainst(found) ? { ...vote, against: found.streak } : vote;
}

/** `phase` is where the last check failed, and absent after one that passed. */
function isAgainst({ verdict, phase, answering, streak }: Observation): boolean {
  if (streak === 0) return false;
  return verdict === 'up' ? phase !== undefined : verdict === 'down' && phase === undefined && answering;
}
