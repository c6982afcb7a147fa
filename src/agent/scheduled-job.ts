// One job of an agent: which of its times are due, which were missed, and what runs. Everything that is not a run under a known
// epoch is told and not done (S16).

import type { Clock } from '../base/clock.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { JobConfig } from '../config/resolve-jobs.ts';
import type { JobEnd, JobRunner } from '../ports/job-runner.ts';
import type { Logger } from '../ports/logger.ts';
import type { ServiceState } from '../ports/node-state.ts';
import type { JobCalendar } from './job-calendar.ts';
import type { JobRecord } from './job-record.ts';
import { type Activity, activityOf, type CatchUp, judgeCatchUp } from './judge-job.ts';

export type ScheduledJobDeps = {
  readonly job: JobConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly calendar: JobCalendar;
  readonly runner: JobRunner;
  readonly parentEnv: Readonly<Record<string, string>>;
  /** Writes down what is known of all jobs; the error is why it could not. */
  readonly save: () => Promise<Result<null, string>>;
};

/** What is seen later than this after its time was missed. A busy machine may be late by less. */
const LATE_MAX_MS = 10_000;
/** How long a run that makes good waits for the first renewal of an agent that was started again. */
const CATCH_UP_MAX_MS = 5 * 60_000;
/** A clock that was set back by more was wrong before, and its times begin anew; by less, and they are not repeated. */
const SET_BACK_MAX_MS = 3 * 3_600_000;
const SAVE_MS = 60_000;
const LATEST_MAX = 10;

export class ScheduledJob {
  readonly #deps: ScheduledJobDeps;
  #record: JobRecord;
  #catchUp: CatchUp | null = null;
  #savedWallMs: number;

  /** `known`: from an agent that ran before. */
  constructor(deps: ScheduledJobDeps, known: JobRecord | undefined) {
    const { id, service, schedule, timeZone } = deps.job;
    const lookedWallMs = deps.clock.wallMs();
    this.#deps = { ...deps, logger: deps.logger.child({ job: id, service }) };
    const fresh = { epoch: null, running: null, lastRun: null, lastSkip: null, missed: null };
    // Times of another pattern were never due.
    const isSame = known?.service === service && known.schedule === schedule && known.timeZone === timeZone;
    const last = isSame ? known : { ...fresh, ...known, epoch: null, lookedWallMs };
    this.#record = { ...last, service, schedule, timeZone };
    this.#savedWallMs = known === undefined ? 0 : known.lookedWallMs;
    if (this.#record.running !== null) void this.#endLater(this.#record.running, deps.runner.awaitOld(id));
  }

  get record(): JobRecord {
    return this.#record;
  }

  /** `state`: of its service, as the agent says it; undefined: nothing is known. Never rejects. */
  async look(state: ServiceState | undefined): Promise<void> {
    const nowWallMs = this.#deps.clock.wallMs();
    const { lookedWallMs, epoch: epochBefore } = this.#record;
    if (nowWallMs < lookedWallMs - SET_BACK_MAX_MS) {
      this.#deps.logger.warn({ lookedWallMs, nowWallMs }, 'the clock was set back; times of the job begin anew');
      return this.#change({ lookedWallMs: nowWallMs });
    }
    if (nowWallMs <= lookedWallMs) return;
    const activity = activityOf(state);
    const epoch = activity.kind === 'unknown' ? epochBefore : activity.kind === 'active' ? activity.epoch : null;
    const { times, isCut } = this.#deps.calendar.between(lookedWallMs, nowWallMs);
    const newest = times.at(-1);
    const due = newest !== undefined && nowWallMs - newest <= LATE_MAX_MS ? newest : null;
    const missed = due === null ? times : times.slice(0, -1);
    this.#record = { ...this.#record, lookedWallMs: nowWallMs, epoch };
    if (epoch !== epochBefore || nowWallMs - this.#savedWallMs >= SAVE_MS) await this.#save();
    if (missed.length > 0 && epochBefore !== null) await this.#miss(missed, { isCut, epoch: epochBefore });
    if (due !== null) await this.#fire(due, activity);
    else if (this.#catchUp !== null) await this.#tryCatchUp(this.#catchUp, activity);
  }

  async #miss(times: readonly number[], { isCut, epoch }: { isCut: boolean; epoch: number }): Promise<void> {
    const { job, clock, logger } = this.#deps;
    const count = (this.#record.missed?.count ?? 0) + times.length;
    const latestWallMs = times.slice(-LATEST_MAX);
    const isOnce = job.missed === 'run-once';
    const outcome = isOnce ? 'waits to be run once' : 'reported only';
    logger.warn({ times: latestWallMs.map(instant), count: times.length, isCut }, 'times of the job were missed');
    if (isOnce) {
      const [dueWallMs = 0, untilBootMs] = [times.at(-1), clock.bootMs() + CATCH_UP_MAX_MS];
      this.#catchUp = { dueWallMs, count: times.length, epoch, untilBootMs };
    }
    await this.#change({ missed: { count, latestWallMs, outcome } });
  }

  async #fire(dueWallMs: number, activity: Activity): Promise<void> {
    // A run at its own time makes good what was missed before it.
    if (this.#catchUp !== null) await this.#settleMissed('the next run took its place');
    if (activity.kind === 'inactive') return;
    if (activity.kind === 'unknown') return this.#skip(dueWallMs, activity.reason);
    if (this.#record.running !== null) return this.#skip(dueWallMs, 'the last run still goes on');
    await this.#start(dueWallMs, {});
  }

  async #tryCatchUp(catchUp: CatchUp, activity: Activity): Promise<void> {
    const decision = judgeCatchUp(catchUp, { activity, nowBootMs: this.#deps.clock.bootMs() });
    switch (decision.kind) {
      case 'wait':
        return;
      case 'drop':
        return this.#settleMissed(`not run once: ${decision.reason}`);
      case 'run':
        if (this.#record.running !== null) return this.#settleMissed('not run once: the last run still goes on');
        await this.#settleMissed('run once');
        return this.#start(catchUp.dueWallMs, { ONEUP_MISSED: String(catchUp.count) });
    }
  }

  async #settleMissed(outcome: string): Promise<void> {
    this.#catchUp = null;
    this.#deps.logger.warn({ outcome }, 'missed times of the job are settled');
    const { missed } = this.#record;
    await this.#change({ missed: missed === null ? null : { ...missed, outcome } });
  }

  /** What cannot be written down is not run: nobody would know of it after the next start. */
  async #start(dueWallMs: number, more: Readonly<Record<string, string>>): Promise<void> {
    const { job, clock, logger, runner, parentEnv } = this.#deps;
    const running = { dueWallMs, startedWallMs: clock.wallMs() };
    this.#record = { ...this.#record, running };
    const saved = await this.#save();
    if (!saved.ok) {
      this.#record = { ...this.#record, running: null };
      return this.#skip(dueWallMs, `it cannot be written down: ${saved.error}`);
    }
    const own = Object.fromEntries(job.command.env.map(([name, value]) => [name, value.reveal()]));
    const env = { ...parentEnv, ...own, ONEUP_JOB: job.id, ONEUP_SCHEDULED_AT: instant(dueWallMs), ...more };
    const { id, service, timeoutMs, onLoss, command } = job;
    logger.info({ dueAt: instant(dueWallMs) }, 'the job begins');
    const ended = runner.start({ id, service, timeoutMs, onLoss, argv: command.argv, cwd: command.cwd, env });
    void this.#endLater(running, ended);
  }

  async #endLater(running: NonNullable<JobRecord['running']>, ended: Promise<JobEnd>): Promise<void> {
    const { kind, code, reason } = await ended;
    const { logger, clock } = this.#deps;
    const isGood = kind === 'ended' && code === 0;
    logger[isGood ? 'info' : 'warn'](
      { kind, code, reason },
      isGood ? 'the job has ended' : 'the job has not done well',
    );
    const endedWallMs = clock.wallMs();
    this.#record = { ...this.#record, running: null };
    if (kind === 'refused') return this.#skip(running.dueWallMs, reason);
    await this.#change({ lastRun: { ...running, endedWallMs, kind, code, reason } });
  }

  async #skip(dueWallMs: number, reason: string): Promise<void> {
    this.#deps.logger.warn({ dueAt: instant(dueWallMs), reason }, 'the job is not run');
    await this.#change({ lastSkip: { dueWallMs, reason } });
  }

  async #change(change: Partial<JobRecord>): Promise<void> {
    this.#record = { ...this.#record, ...change };
    await this.#save();
  }

  async #save(): Promise<Result<null, string>> {
    this.#savedWallMs = this.#record.lookedWallMs;
    const saved = await this.#deps.save();
    if (!saved.ok) this.#deps.logger.error({ reason: saved.error }, 'what became of the job cannot be written down');
    return saved.ok ? ok(null) : err(saved.error);
  }
}

function instant(wallMs: number): string {
  return new Date(wallMs).toISOString();
}
