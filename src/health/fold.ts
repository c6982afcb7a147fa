// Folds one result into the health of a check: verdicts move only after `rise` passes or `fall` failures in a row.
// An error neither counts nor resets nor advances anything (S22): the streaks around it join, because the prober did not
// see the node do otherwise. A gap in which the vote went stale (S23) does reset: what was seen before it is not "in a row".
import type { HealthRules } from './health-rules.ts';
import { type HealthState, initialHealth, type Streak, type Verdict } from './health-state.ts';
import type { ProbeResult } from './probe-result.ts';
import { isStale } from './staleness.ts';

export type HealthRound = {
  readonly result: ProbeResult;
  readonly beganAtMonoMs: number;
  readonly endedAtMonoMs: number;
};

/** The state after one more round. Rounds are folded in the order in which they ended. */
export function fold(state: HealthState, round: HealthRound, rules: HealthRules): HealthState {
  const { result, endedAtMonoMs } = round;
  if (result.kind === 'error') {
    const last = { kind: result.kind, reason: result.reason, phase: null, phases: result.phases };
    return Object.freeze({ ...state, last });
  }
  const isForgotten = state.lastSeenMonoMs !== null && isStale(state, rules, round.beganAtMonoMs);
  const before = isForgotten ? initialHealth(endedAtMonoMs) : state;
  const streak = continueStreak(before.streak, result.kind, endedAtMonoMs);
  const verdict = judge(before.verdict, streak, { rules, endedAtMonoMs });
  return Object.freeze({
    verdict,
    sinceMonoMs: verdict === before.verdict ? before.sinceMonoMs : endedAtMonoMs,
    streak,
    answering: result.kind === 'pass',
    reach: result.kind === 'pass' ? 'reached' : result.reach,
    earliestChangeMonoMs: earliestChange(verdict, streak, { rules, endedAtMonoMs }),
    lastSeenMonoMs: endedAtMonoMs,
    last:
      result.kind === 'pass'
        ? { kind: result.kind, reason: result.detail, phase: null, phases: result.phases }
        : { kind: result.kind, reason: result.reason, phase: result.phase, phases: result.phases },
  } satisfies HealthState);
}

type At = { readonly rules: HealthRules; readonly endedAtMonoMs: number };

function continueStreak(streak: Streak | null, kind: Streak['kind'], endedAtMonoMs: number): Streak {
  if (streak === null || streak.kind !== kind) return { kind, count: 1, firstEndedMonoMs: endedAtMonoMs };
  return { ...streak, count: streak.count + 1 };
}

/** S24: `fall` counts, and minDown must have passed between the first and the last failing result. */
function judge(verdict: Verdict, streak: Streak, { rules, endedAtMonoMs }: At): Verdict {
  if (streak.kind === 'pass') return streak.count >= rules.rise ? 'up' : verdict;
  const isLongEnough = endedAtMonoMs - streak.firstEndedMonoMs >= rules.minDownMs;
  return streak.count >= rules.fall && isLongEnough ? 'down' : verdict;
}

/** A lower bound, with every coming result the other way and as soon as the recheck rhythm allows. After gdnsd. */
function earliestChange(verdict: Verdict, streak: Streak, { rules, endedAtMonoMs }: At): number {
  const spacingMs = rules.recheckMs ?? rules.intervalMs;
  const passes = streak.kind === 'pass' ? streak.count : 0;
  const up = endedAtMonoMs + Math.max(1, rules.rise - passes) * spacingMs;
  const failures = streak.kind === 'fail' ? streak.count : 0;
  const firstFailure = streak.kind === 'fail' ? streak.firstEndedMonoMs : endedAtMonoMs + spacingMs;
  const counted = endedAtMonoMs + Math.max(1, rules.fall - failures) * spacingMs;
  const down = Math.max(counted, firstFailure + rules.minDownMs);
  if (verdict === 'up') return down;
  if (verdict === 'down') return up;
  return Math.min(up, down);
}
