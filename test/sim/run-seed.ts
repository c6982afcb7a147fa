// One run of the simulation: harm for a quarter of a minute of virtual time, then peace, and a look at what is left. The seed
// is all that it needs, so a run that fails can be played again, also with some of its faults left out.
import type { Totals } from './coverage.ts';
import { findUnrest, isAtRest } from './end-state.ts';
import { drawSchedule, HARM_UNTIL_MS } from './fault.ts';
import { scheduleFaults } from './faults.ts';
import type { Violation } from './history.ts';
import { SimWorld } from './sim-world.ts';

export type RunOptions = {
  readonly isLogged?: boolean;
  /** Faults of the schedule that are left out, by their index. */
  readonly without?: ReadonlySet<number>;
};

export type RunResult = {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly log: readonly string[];
  readonly totals: Totals;
  readonly eventCount: number;
  /** Indexes of the faults that were scheduled. */
  readonly faults: readonly number[];
};

const FIRST_START_MS = 400;
/** Peace after the harm lasts until all is at rest: at least some rounds of looks, at most two terms and a whole operation. */
const CALM_MS = 2_500;
const PEACE_MAX_MS = 50_000;
/** A store that went back stops everything for good; this is how long nothing may happen then. */
const RESTORED_MS = 12_000;

export async function runSeed(seed: number, { isLogged = false, without }: RunOptions = {}): Promise<RunResult> {
  const schedule = drawSchedule(seed);
  const { leases, set } = schedule;
  const hasSpares = schedule.faults.some(({ kind }) => kind === 'members');
  const world = new SimWorld({ seed, isLogged, leases, set, hasSpares });
  const { history, time, wire } = world;
  const faults = schedule.faults.filter(({ index }) => without?.has(index) !== true);
  scheduleFaults(world, { ...schedule, faults });
  world.start();
  if (set === null)
    wire.timer(FIRST_START_MS, () => world.command({ kind: 'switchover', from: null, to: 'a', reason: 'sim' }));
  const isBroken = () => history.violations.length > 0;
  await time.runUntil(HARM_UNTIL_MS, isBroken);
  const peaceUntilMs = time.nowMs + PEACE_MAX_MS;
  for (let calmMs = CALM_MS; !isBroken() && time.nowMs < peaceUntilMs && !isOver(world); calmMs = CALM_MS / 2) {
    await time.runUntil(time.nowMs + calmMs, isBroken);
  }
  const unrest = isBroken() || world.restoredAtMs !== null ? null : findUnrest(world);
  const result: RunResult = {
    seed,
    violations: [...history.violations, ...(unrest === null ? [] : [unrest])],
    log: [...history.log],
    totals: world.coverage.totals,
    eventCount: time.firedCount,
    faults: faults.map(({ index }) => index),
  };
  for (const member of world.members) member.end();
  return result;
}

/** At least one round of calm has passed when this is asked after the harm. */
function isOver(world: SimWorld): boolean {
  const { time, restoredAtMs } = world;
  if (restoredAtMs !== null) return time.nowMs > restoredAtMs + RESTORED_MS;
  return time.nowMs > HARM_UNTIL_MS && isAtRest(world);
}
