// Counts the observations of all probers into what the machine sees. Votes of probers that abstain, are absent or cannot be
// read are missing, never a no (S22 to S25).
import type { NodeId, ProberId, ServiceId } from '../base/ids.ts';
import type { Observation } from '../health/observation.ts';
import type { QuorumOutcome } from '../quorum/quorum-outcome.ts';
import { tally, type Vote } from '../quorum/tally.ts';
import type { NodeView, View, VoteEvidence } from './view.ts';

export type SeenObservation = {
  readonly prober: ProberId;
  readonly node: NodeId;
  readonly revision: number;
  readonly observation: Observation;
};

export type ViewInput = {
  readonly service: ServiceId;
  readonly nodes: readonly NodeId[];
  readonly probers: readonly { readonly id: ProberId; readonly vantage: string }[];
  readonly minVantages: number;
  /** Only observations whose session lives. */
  readonly observations: readonly SeenObservation[];
  readonly suspicions: readonly { readonly prober: ProberId; readonly node: NodeId }[];
  /** Probers that reach none of their references (S22). */
  readonly abstaining: readonly ProberId[];
  /** The operation in VERIFY_NEW, if there is one (S25). */
  readonly verifying: { readonly opId: string; readonly epoch: number } | null;
  readonly revision: number;
  readonly brake: string | null;
};

export function buildView(input: ViewInput): View {
  const nodes = Object.fromEntries(input.nodes.map((node) => [node, nodeView(input, node)] as const));
  const live = new Set(input.observations.map((entry) => entry.prober));
  const referencesLost = live.size > 0 && [...live].every((prober) => input.abstaining.includes(prober));
  return { nodes, revision: input.revision, brake: input.brake, ...(referencesLost ? { referencesLost } : {}) };
}

function nodeView(input: ViewInput, node: NodeId): NodeView {
  const known = new Set(input.probers.map((prober) => prober.id));
  const seen = input.observations.filter((entry) => entry.node === node && known.has(entry.prober));
  const valid = seen.filter((entry) => !input.abstaining.includes(entry.prober));
  const stamped = valid.filter(({ observation }) => matches(observation.stamp, input.verifying));
  return {
    down: count(input, 'down', valid),
    up: count(input, 'up', valid),
    verified: count(input, 'up', input.verifying === null ? [] : stamped),
    // Even a prober that abstains is believed when it sees something answer: looking failed for others, not for this.
    answering: seen
      .filter(({ observation }) => observation.answering)
      .map(({ prober, revision }) => ({ prober, revision })),
    suspectedBy: input.suspicions.filter((entry) => entry.node === node).map((entry) => entry.prober),
    reach: reachOf(valid),
    votes: input.probers.map((prober) => evidence(input, prober, seen)),
  };
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
  if (found === undefined) return { ...base, verdict: 'absent', reason: 'no live observation', checkedWallMs: null };
  const verdict = input.abstaining.includes(prober.id) ? 'abstains' : found.verdict;
  return { ...base, verdict, reason: found.reason, checkedWallMs: found.checkedWallMs };
}
