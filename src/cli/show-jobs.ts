// `oneup jobs`: what became of the jobs of this node, as its agent wrote it down. It asks nobody.
import { join } from 'node:path';
import { nextTime } from '../agent/job-calendar.ts';
import { JOBS_FILE, type JobRecord, type JobRecords, readJobRecords } from '../agent/job-record.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { CommandContext } from './command-context.ts';
import { table } from './console.ts';
import { instant, lastRunText, missedText, skipText } from './render-jobs.ts';

export type JobsOptions = { readonly stateDir: string; readonly json?: boolean };

export async function showJobs(context: CommandContext, options: JobsOptions): Promise<void> {
  const records = await read(options.stateDir);
  const jobs = Object.entries(records).map(([id, record]) => ({ id, nextWallMs: nextTime(record), ...record }));
  context.console.out(options.json === true ? JSON.stringify({ jobs }, null, 2) : render(jobs));
}

async function read(stateDir: string): Promise<JobRecords> {
  const path = join(stateDir, JOBS_FILE);
  try {
    return (await readJobRecords(path)) ?? {};
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'it is damaged';
    throw new OneupError('ONEUP_STATE_CORRUPT', `Cannot read the jobs: ${reason}, value was ${path}`, {
      remedy: 'Read it as the user of the agent; an agent that cannot read it begins it anew at its next start',
    });
  }
}

type Shown = JobRecord & { readonly id: string; readonly nextWallMs: number | null };

function render(jobs: readonly Shown[]): string {
  if (jobs.length === 0) return 'The agent of this directory has no jobs';
  const rows = jobs.map((job) => [
    job.id,
    job.service,
    job.epoch === null ? 'not here' : `epoch ${job.epoch}`,
    job.nextWallMs === null ? 'never' : instant(job.nextWallMs),
    lastRunText(job),
  ]);
  const notes = jobs.flatMap(({ id, lastSkip, missed }) => [
    ...(lastSkip === null ? [] : [`${id}: ${skipText(lastSkip)}`]),
    ...(missed === null ? [] : [`${id}: ${missedText(missed)}`]),
  ]);
  return [table([['JOB', 'SERVICE', 'ACTIVE', 'NEXT', 'LAST RUN'], ...rows]), ...notes].join('\n');
}
