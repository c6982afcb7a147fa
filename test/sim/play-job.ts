// Plays the seeds of one job and adds up what they met.
import { addTotals } from './coverage.ts';
import { loadRunSeed } from './load-mutated.ts';
import { forgetParsed } from './remember-parsed.ts';
import type { RunResult } from './run-seed.ts';
import type { Failure, Job, JobResult } from './sim-job.ts';

export async function playJob({ mutation, from, seeds, stopsAtFirst }: Job): Promise<JobResult> {
  const runSeed = await loadRunSeed(mutation).catch((error: unknown) => () => Promise.reject(error));
  const totals: Record<string, Record<string, number>> = {};
  const failures: Failure[] = [];
  let [played, eventCount] = [0, 0];
  for (let seed = from; seed < from + seeds; seed += 1) {
    const run = await runSeed(seed).catch(brokenRun);
    forgetParsed();
    played += 1;
    eventCount += run.eventCount;
    addTotals(totals, run.totals);
    const [violation] = run.violations;
    if (violation === undefined) continue;
    failures.push({ seed, ...violation });
    if (stopsAtFirst) break;
  }
  return { played, failures, totals, eventCount };
}

/** A run that throws is a fault of what it plays, and told as one. */
function brokenRun(error: unknown): Pick<RunResult, 'eventCount' | 'totals' | 'violations'> {
  const text = error instanceof Error ? error.message : String(error);
  return { eventCount: 0, totals: {}, violations: [{ invariant: 'thrown', text }] };
}
