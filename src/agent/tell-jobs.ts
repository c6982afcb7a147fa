// What the report of a service says of its jobs, made of what is written down of them. Bounded, because it goes through the store
// with every change.
import type { ServiceId } from '../base/ids.ts';
import type { AgentJob, AgentJobs } from '../ports/agent-link.ts';
import type { JobPattern } from './job-calendar.ts';
import type { JobRecord, JobRecords } from './job-record.ts';

/** With their texts they fit into the body of a report beside everything else that it says. */
const JOBS_TOLD_MAX = 32;
const TEXT_MAX = 120;

/** By service. `nextTime` is asked once for each job that runs here. */
export function tellJobs(
  records: JobRecords,
  nextTime: (pattern: JobPattern) => number | null,
): ReadonlyMap<ServiceId, AgentJobs> {
  const byService = Map.groupBy(Object.entries(records), ([, { service }]) => service);
  const told = [...byService].map(([service, jobs]) => {
    const listed = jobs.slice(0, JOBS_TOLD_MAX).map(([id, record]) => tell(id, record, nextTime));
    return [service, { listed, unlisted: jobs.length - listed.length }] as const;
  });
  return new Map(told);
}

function tell(id: string, record: JobRecord, nextTime: (pattern: JobPattern) => number | null): AgentJob {
  const { schedule, timeZone, epoch, running, lastRun, lastSkip, missed } = record;
  return {
    ...{ id, schedule: cut(schedule), timeZone: cut(timeZone), epoch },
    // Where nothing is run there is no next time, and a node that stands by has nothing new to tell every minute.
    nextWallMs: epoch === null ? null : nextTime({ schedule, timeZone }),
    running: running === null ? null : { startedWallMs: running.startedWallMs },
    lastRun: lastRun === null ? null : toldRun(lastRun),
    lastSkip: lastSkip === null ? null : { ...lastSkip, reason: cut(lastSkip.reason) },
    missed:
      missed === null ? null : { ...missed, latestWallMs: missed.latestWallMs.slice(-1), outcome: cut(missed.outcome) },
  };
}

function toldRun(run: NonNullable<JobRecord['lastRun']>): AgentJob['lastRun'] {
  const { startedWallMs, endedWallMs, kind, code, reason } = run;
  return { startedWallMs, endedWallMs, kind, code, reason: cut(reason) };
}

function cut(text: string): string {
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}...` : text;
}
