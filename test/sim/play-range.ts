// Plays a range of seeds and prints what they met: operations by end, effects, faults, and in which phases the faults fell.
import { addTotals, type Totals } from './coverage.ts';
import { emptyCells, formatCells } from './format-cells.ts';
import { playJobs, seedJobs } from './play-jobs.ts';
import { replay } from './replay.ts';
import type { Failure } from './sim-job.ts';

export type RangeOptions = { readonly from: number; readonly seeds: number; readonly workers?: number };

export type RangeResult = {
  readonly seeds: number;
  readonly failures: readonly Failure[];
  readonly totals: Totals;
  readonly eventCount: number;
  readonly tookMs: number;
};

const JOB_SEEDS = 50;
/** From so many seeds on every cell of the table must have been met or have its reason. */
const COMPLETE_SEEDS = 100_000;

export async function runRange({ from, seeds, ...rest }: RangeOptions): Promise<RangeResult> {
  const totals: Record<string, Record<string, number>> = {};
  const failures: Failure[] = [];
  const beganMs = performance.now();
  let [played, eventCount] = [0, 0];
  await playJobs({
    ...rest,
    jobs: seedJobs(from, seeds, JOB_SEEDS),
    goesOn: () => failures.length === 0,
    onResult: (_job, result) => {
      played += result.played;
      eventCount += result.eventCount;
      failures.push(...result.failures);
      addTotals(totals, result.totals);
    },
  });
  failures.sort((one, other) => one.seed - other.seed);
  return { seeds: played, failures, totals, eventCount, tookMs: performance.now() - beganMs };
}

export async function playRange(options: RangeOptions): Promise<number> {
  const { seeds, failures, totals, eventCount, tookMs } = await runRange(options);
  const { cell = {}, ...counts } = totals;
  for (const [group, found] of Object.entries(counts)) {
    console.log(`${group}:`);
    for (const [what, count] of Object.entries(found).sort()) console.log(`  ${what.padEnd(32)} ${count}`);
  }
  console.log(formatCells(cell));
  console.log(
    JSON.stringify({ from: options.from, seeds, violations: failures.length, eventCount, tookMs: Math.round(tookMs) }),
  );
  const empty = seeds >= COMPLETE_SEEDS ? emptyCells(cell) : [];
  for (const name of empty) console.log(`no run has met ${name}`);
  for (const { seed, invariant, text } of failures) console.log(`seed ${seed}: ${invariant} ${text}`);
  const [first] = failures;
  if (first === undefined) return empty.length === 0 ? 0 : 1;
  return replay(first.seed, { mutation: null, showsAll: false });
}
