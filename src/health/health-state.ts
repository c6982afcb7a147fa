// What a prober remembers of one check between its rounds: plain data, folded by fold.ts and shown by `why`.
// The state decides nothing by itself; a verdict without a fresh result is no vote (staleness.ts, S23).
import type { CheckPhase, PhaseTimes, Reach } from './probe-result.ts';

export type Verdict = 'up' | 'down' | 'unknown';

/** Non-error results of one kind in a row, with the end of the first of them. */
export type Streak = { readonly kind: 'pass' | 'fail'; readonly count: number; readonly firstEndedMonoMs: number };

export type HealthState = {
  readonly verdict: Verdict;
  /** End of the result that gave the verdict; the time of creation while nothing was seen. */
  readonly sinceMonoMs: number;
  readonly streak: Streak | null;
  /** The last non-error result passed. */
  readonly answering: boolean;
  /** Reach of the last failure; `reached` after a pass, which is an answer too. */
  readonly reach: Reach;
  /** Soonest time at which the verdict could become another one; null while nothing was seen. */
  readonly earliestChangeMonoMs: number | null;
  /** End of the last pass or fail; only these keep a vote alive (S23). */
  readonly lastSeenMonoMs: number | null;
  /** What the last result of any kind said. */
  readonly last: {
    readonly kind: 'pass' | 'fail' | 'error';
    readonly reason: string;
    readonly phase: CheckPhase | null;
    readonly phases: PhaseTimes;
  } | null;
};

/** The state of a check that has not looked yet. */
export function initialHealth(nowMonoMs: number): HealthState {
  return Object.freeze({
    verdict: 'unknown',
    sinceMonoMs: nowMonoMs,
    streak: null,
    answering: false,
    reach: 'unknown',
    earliestChangeMonoMs: null,
    lastSeenMonoMs: null,
    last: null,
  } satisfies HealthState);
}
