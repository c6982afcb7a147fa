// Jobs of an agent on a fake clock, with real calendars, and with a runner and a disk that do what a test says. What was started is
// written down.
import { setImmediate as settle } from 'node:timers/promises';
import { createJobCalendar } from '../../src/agent/job-calendar.ts';
import type { JobRecord, JobRecords } from '../../src/agent/job-record.ts';
import { runJobs } from '../../src/agent/run-jobs.ts';
import type { JobConfig } from '../../src/config/resolve-jobs.ts';
import type { JobEnd, JobStart } from '../../src/ports/job-runner.ts';
import type { ServiceState } from '../../src/ports/node-state.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { SILENT } from './prober-world.ts';

const ENDED: JobEnd = { kind: 'ended', code: 0, reason: 'exit code 0' };

const JOB: JobConfig = {
  ...{ id: 'report', service: 'web', schedule: '*/10 * * * *', timeZone: 'UTC', timeoutMs: 60_000, onLoss: 'kill' },
  ...{ missed: 'report', command: { argv: ['true'], env: [], cwd: null } },
};

const ACTIVE: ServiceState = {
  ...{ node: 'a', epoch: 4, role: 'active', activeUntilBootMs: null, renewedBootMs: 1, renewEveryMs: 5_000 },
};

export class JobsBench implements AsyncDisposable {
  /** Half a minute after midnight, UTC. */
  readonly clock: FakeClock = createFakeClock({ startWallMs: Date.UTC(2027, 2, 1, 0, 0, 30) });
  readonly started: (JobStart & { readonly atWallMs: number })[] = [];
  states: Readonly<Record<string, ServiceState>> = { web: ACTIVE };
  records: JobRecords = {};
  isDiskFull = false;
  /** Of the runs that go on, the oldest first. */
  readonly running: ((end: JobEnd) => void)[] = [];
  /** A run ends as soon as it has begun. */
  isQuick = true;
  #end = new AbortController();
  #done: Promise<void> = Promise.resolve();

  /** A new process of the agent. */
  start(...changes: readonly Partial<JobConfig>[]): void {
    this.#end = new AbortController();
    const { clock } = this;
    this.#done = runJobs({
      jobs: (changes.length === 0 ? [{}] : changes).map((change) => ({ ...JOB, ...change })),
      ...{ clock, logger: SILENT, createCalendar: createJobCalendar, parentEnv: { PATH: '/bin' } },
      memory: {
        known: this.records,
        write: async (records) => {
          if (this.isDiskFull) throw new Error('no space left');
          this.records = structuredClone(records) as JobRecords;
        },
      },
      runner: {
        start: (job) => {
          this.started.push({ ...job, atWallMs: clock.wallMs() });
          return this.isQuick ? Promise.resolve(ENDED) : new Promise((resolve) => this.running.push(resolve));
        },
        awaitOld: () => new Promise((resolve) => this.running.push(resolve)),
      },
      states: () => this.states,
      signal: this.#end.signal,
    });
  }

  async stop(): Promise<void> {
    this.#end.abort(new Error('the agent ends'));
    await this.clock.advance(0);
    await this.#done;
  }

  /** What the agent says of its service from now on; null: nothing. */
  say(change: Partial<ServiceState> | null): void {
    this.states = change === null ? {} : { web: { ...ACTIVE, ...change } };
  }

  record(id = 'report'): JobRecord {
    const record = this.records[id];
    if (record === undefined) throw new RangeError(`Cannot find a record: value was ${id}`);
    return record;
  }

  /** Times at which runs were begun, as 00:10:00, and what they were due for. */
  begun(): readonly string[] {
    return this.started.map(({ env }) => (env.ONEUP_SCHEDULED_AT ?? '').slice(11, 19));
  }

  async end(end: JobEnd = ENDED): Promise<void> {
    this.running.shift()?.(end);
    await settle();
    await this.clock.advance(2_000);
  }

  minutes(count: number): Promise<void> {
    return this.clock.advance(count * 60_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
