// When a vote stops counting: a check without a round in 3 of its own intervals has no verdict to give (S23).
// A round is a pass or a fail. An error could not look (S22), so a prober that gets only errors loses its vote in time.
import type { HealthRules } from './health-rules.ts';
import type { HealthState } from './health-state.ts';

/** S23: rounds that may be missed before the vote is absent. */
const STALE_ROUNDS = 3;

/** Age of the last pass or fail from which a vote is absent. A check slower than its interval has rounds as long as itself. */
export function staleAfterMs({ intervalMs, timeoutMs = 0 }: Pick<HealthRules, 'intervalMs' | 'timeoutMs'>): number {
  return STALE_ROUNDS * Math.max(intervalMs, timeoutMs);
}

/** Whether the verdict must not be published: nothing was seen yet, or too long ago. */
export function isStale(state: HealthState, rules: HealthRules, nowMonoMs: number): boolean {
  return state.lastSeenMonoMs === null || nowMonoMs - state.lastSeenMonoMs >= staleAfterMs(rules);
}
