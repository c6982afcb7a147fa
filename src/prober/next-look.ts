// When a check runs next: in its steady rhythm, staggered between probers, or at `recheck` while something is open.
import type { CheckConfig } from '../config/config.ts';
import type { HealthState } from '../health/health-state.ts';

export type NextLookInput = {
  readonly check: CheckConfig;
  readonly health: HealthState;
  readonly isUrgent: boolean;
  /** It was started a moment ago, and nothing depends on anything but its first pass [false]. */
  readonly isAwaited?: boolean;
  /** Share of the interval by which this prober is shifted against the first, so that the probers take turns: 0 to 1. */
  readonly phase: number;
  readonly beganAtMonoMs: number;
  readonly nowMonoMs: number;
};

/** A program that was just started listens soon or not at all soon: this many times it is asked sooner than at `recheck`. */
export const AWAITED_LOOKS_MAX = 32;
const AWAITED_SHARE = 1 / 4;
const AWAITED_MIN_MS = 10;

/** Milliseconds until the next round begins. */
export function nextLookMs(input: NextLookInput): number {
  if (!input.isUrgent) return untilTurn(input);
  return input.isAwaited === true ? untilAwaited(input) : untilRecheck(input);
}

/** A first look before the program listens would otherwise cost a whole recheck. */
function untilAwaited({ check, beganAtMonoMs, nowMonoMs }: NextLookInput): number {
  const spacingMs = Math.min(check.recheckMs, Math.max(AWAITED_MIN_MS, check.recheckMs * AWAITED_SHARE));
  return Math.max(0, Math.ceil(beganAtMonoMs + spacingMs - nowMonoMs));
}

/** The next instant congruent to the prober's phase: the rhythm keeps its place whatever the rounds take. */
function untilTurn({ check, phase, nowMonoMs }: NextLookInput): number {
  const { intervalMs } = check;
  const sincePhase = (((nowMonoMs - phase * intervalMs) % intervalMs) + intervalMs) % intervalMs;
  // Rounded up, so that a turn that was hit exactly is not hit again by the last bit of a division.
  return Math.max(1, Math.ceil(intervalMs - sincePhase));
}

/**
 * `recheck` after the beginning of the last round, but when that would fall just short of `minDown` (S24), at the instant
 * where it is reached: a failure one millisecond too early would cost a whole round.
 */
function untilRecheck({ check, health, beganAtMonoMs, nowMonoMs }: NextLookInput): number {
  const usual = beganAtMonoMs + check.recheckMs;
  const enough = health.streak?.kind === 'fail' ? health.streak.firstEndedMonoMs + check.minDownMs : usual;
  const isJustShort = usual < enough && enough - usual < check.recheckMs / 2;
  return Math.max(0, Math.ceil((isJustShort ? enough : usual) - nowMonoMs));
}

/** Whether the last results speak against the verdict, or there is none yet: then looking again decides. */
export function isOpen(health: HealthState): boolean {
  if (health.verdict === 'unknown') return true;
  return health.streak?.kind === (health.verdict === 'up' ? 'fail' : 'pass');
}
