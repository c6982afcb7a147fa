// Runs the tries side by side: a few at a time, each with a deadline of its own, and all of them within one. What was not
// reached in time is a finding too, so that silence never looks like success.
import type { Clock } from '../../base/clock.ts';
import { formatDuration } from '../../base/duration.ts';
import { type Area, type Finding, reasonOf } from './finding.ts';
import { within } from './within.ts';

export type Job = {
  readonly area: Area;
  readonly subject: string;
  readonly timeoutMs: number;
  readonly run: (signal: AbortSignal) => Promise<readonly Finding[]>;
};

export type RunJobsOptions = {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** For all of them together. */
  readonly budgetMs: number;
  readonly onDone: (job: Job) => void;
};

/** Enough that silent hosts are waited for beside each other, few enough that their sockets and programs load no machine. */
const AT_ONCE = 16;

/** Nothing that is begun later has a chance to end. */
const START_MIN_MS = 20;

/** Never rejects. */
export async function runJobs(
  jobs: readonly Job[],
  { clock, signal, budgetMs, onDone }: RunJobsOptions,
): Promise<readonly Finding[]> {
  const untilMonoMs = clock.monotonicMs() + budgetMs;
  const found: Finding[][] = jobs.map(() => []);
  const waiting = jobs.entries();
  const worker = async (): Promise<void> => {
    for (const [index, job] of waiting) {
      const leftMs = untilMonoMs - clock.monotonicMs();
      found[index] = leftMs > START_MIN_MS ? await runOne(job, { clock, signal, leftMs }) : [missed(job, budgetMs)];
      onDone(job);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, jobs.length) }, worker));
  return found.flat();
}

async function runOne(
  job: Job,
  { clock, signal, leftMs }: { readonly clock: Clock; readonly signal: AbortSignal; readonly leftMs: number },
): Promise<Finding[]> {
  const { area, subject, timeoutMs } = job;
  try {
    return [...(await within({ clock, signal, ms: Math.min(timeoutMs, leftMs) }, job.run))];
  } catch (error) {
    return [{ area, subject, outcome: 'wrong', says: reasonOf(error) }];
  }
}

function missed({ area, subject }: Job, budgetMs: number): Finding {
  return { area, subject, outcome: 'wrong', says: `not tried: ${formatDuration(budgetMs)} for everything were over` };
}
