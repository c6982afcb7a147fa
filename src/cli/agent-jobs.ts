// Puts the jobs of an agent together: what it says of its services is what they go by.
import { join } from 'node:path';
import { createJobCalendar, nextTime } from '../agent/job-calendar.ts';
import { JOBS_FILE, type JobRecords, openJobMemory } from '../agent/job-record.ts';
import { runJobs } from '../agent/run-jobs.ts';
import type { PublishState } from '../agent/state-file.ts';
import { tellJobs } from '../agent/tell-jobs.ts';
import type { ServiceId } from '../base/ids.ts';
import { inheritedVariables } from '../base/parent-environment.ts';
import type { AgentFile } from '../config/agent-file.ts';
import { createJobRunner } from '../job/job-runner.ts';
import type { AgentJobs as ToldJobs } from '../ports/agent-link.ts';
import type { ServiceState } from '../ports/node-state.ts';
import type { AppDeps } from './app-deps.ts';

export type AgentJobs = {
  /** Takes what the agent says, and passes it on. */
  readonly publish: PublishState;
  /** As they were last written down. */
  readonly of: (service: ServiceId) => ToldJobs | null;
  /** Resolves when the process is to end; never rejects. */
  readonly run: () => Promise<void>;
};

/** Never throws: a memory that cannot be read is told and begun anew. */
export async function openAgentJobs(file: AgentFile, deps: AppDeps, publish: PublishState): Promise<AgentJobs> {
  const { clock, logger, parentEnv, signal } = deps;
  const { jobs, stateDir } = file;
  let states: Readonly<Record<string, ServiceState>> = {};
  const onFault = (error: unknown) => logger.error({ err: error }, 'jobs.json cannot be read; the jobs begin anew');
  const memory = await openJobMemory(join(stateDir, JOBS_FILE), onFault);
  const kept = Object.entries(memory.known).filter(([known]) => jobs.some(({ id }) => id === known));
  let told: ReadonlyMap<ServiceId, ToldJobs> = tellJobs(Object.fromEntries(kept), nextTime);
  const write = async (records: JobRecords) => {
    told = tellJobs(records, nextTime);
    await memory.write(records);
  };
  return {
    publish: (services) => {
      states = services;
      publish(services);
    },
    of: (service) => told.get(service) ?? null,
    run: () =>
      runJobs({
        ...{ jobs, clock, logger, signal },
        memory: { ...memory, write },
        states: () => states,
        runner: createJobRunner({ stateDir, clock }),
        createCalendar: createJobCalendar,
        parentEnv: inheritedVariables(parentEnv),
      }),
  };
}
