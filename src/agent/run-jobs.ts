// All jobs of an agent, and the loop that looks at them about once a second, whatever the machine did in between.

import type { Clock } from '../base/clock.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { JobConfig } from '../config/resolve-jobs.ts';
import type { JobRunner } from '../ports/job-runner.ts';
import type { Logger } from '../ports/logger.ts';
import type { ServiceState } from '../ports/node-state.ts';
import type { JobCalendar, JobPattern } from './job-calendar.ts';
import type { JobMemory } from './job-record.ts';
import { ScheduledJob } from './scheduled-job.ts';

export type JobsDeps = {
  readonly jobs: readonly JobConfig[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly memory: JobMemory;
  readonly runner: JobRunner;
  readonly createCalendar: (pattern: JobPattern) => JobCalendar;
  readonly parentEnv: Readonly<Record<string, string>>;
  /** What the agent says of its services now. */
  readonly states: () => Readonly<Record<string, ServiceState>>;
  readonly signal: AbortSignal;
};

const LOOK_MS = 1_000;

/** Resolves when the signal aborts; commands go on. Never rejects. */
export async function runJobs(deps: JobsDeps): Promise<void> {
  const { jobs, clock, logger, memory, runner, createCalendar, parentEnv, states, signal } = deps;
  if (jobs.length === 0) return;
  const save = savingAll(memory, () => Object.fromEntries(scheduled.map((job) => [job.id, job.one.record])));
  const calendars = jobs.map(createCalendar);
  const scheduled = jobs.map((job, index) => {
    const calendar = calendars[index] as JobCalendar;
    const one = new ScheduledJob({ job, calendar, clock, logger, runner, parentEnv, save }, memory.known[job.id]);
    return { id: job.id, service: job.service, one };
  });
  while (!signal.aborted) {
    // A machine that wakes up has much to ask each calendar: the rest of the agent comes in between.
    for (const { service, one } of scheduled) {
      await one.look(states()[service]);
      await clock.sleep(0, { signal }).catch(() => undefined);
    }
    // Soon after a second begins, which is when times are.
    await clock.sleep(LOOK_MS - (clock.wallMs() % LOOK_MS) + 1, { signal }).catch(() => undefined);
  }
  for (const calendar of calendars) calendar.end();
}

/** One write at a time, each with what is known when it begins. */
function savingAll(memory: JobMemory, records: () => JobMemory['known']): () => Promise<Result<null, string>> {
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const next = last
      .then(() => memory.write(records()))
      .then(
        () => ok(null),
        (error: unknown) => err(error instanceof Error ? error.message : String(error)),
      );
    last = next;
    return next;
  };
}
