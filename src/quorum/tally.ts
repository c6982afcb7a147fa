// Counts votes three-valued: agreed, rejected or pending (S24). An abstention is not a no, a majority is one of the
// probers configured for the service and not of those that happen to be alive, and votes of strangers do not count.
import type { ProberId } from '../base/ids.ts';
import type { Verdict } from '../health/health-state.ts';
import type { QuorumOutcome } from './quorum-outcome.ts';

export type Vote = { readonly prober: ProberId; readonly verdict: Verdict };

export type Ballot = {
  readonly question: 'down' | 'up';
  /** Valid votes; leave out the absent, the unreadable and those of probers that abstain (S22, S23). */
  readonly votes: readonly Vote[];
  /** Every prober that looks at the service, from `config/current` (S7). */
  readonly probers: readonly { readonly id: ProberId; readonly vantage: string }[];
  readonly minVantages: number;
};

/** Never throws; the lists come in the order of `probers`. Two different votes of one prober are as good as none. */
export function tally({ question, votes, probers, minVantages }: Ballot): QuorumOutcome {
  const stances = probers.map((prober) => ({ prober, stance: stanceOf(prober.id, question, votes) }));
  const withStance = (stance: Stance) => stances.filter((one) => one.stance === stance).map(({ prober }) => prober);
  const [yes, no, missing] = [withStance('for'), withStance('against'), withStance('missing')];
  const majority = Math.floor(probers.length / 2) + 1;
  const isEnough = (group: Ballot['probers']) => group.length >= majority && vantagesOf(group).length >= minVantages;
  const kind = isEnough(yes) ? 'agreed' : isEnough([...yes, ...missing]) ? 'pending' : 'rejected';
  return Object.freeze({ kind, for: ids(yes), against: ids(no), missing: ids(missing), vantages: vantagesOf(yes) });
}

type Stance = 'for' | 'against' | 'missing';

function stanceOf(id: ProberId, question: Ballot['question'], votes: readonly Vote[]): Stance {
  const verdicts = new Set(votes.filter(({ prober }) => prober === id).map(({ verdict }) => verdict));
  const [verdict] = verdicts;
  if (verdicts.size !== 1 || verdict === undefined || verdict === 'unknown') return 'missing';
  return verdict === question ? 'for' : 'against';
}

function vantagesOf(group: Ballot['probers']): readonly string[] {
  return [...new Set(group.map(({ vantage }) => vantage))];
}

function ids(group: Ballot['probers']): readonly ProberId[] {
  return group.map(({ id }) => id);
}
