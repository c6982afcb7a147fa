// Plays jobs in worker processes, as many at a time as there are cores: the next job goes to whoever is free.
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Job, JobResult } from './sim-job.ts';

export type PlayOptions = {
  readonly jobs: readonly Job[];
  readonly workers?: number;
  readonly onResult: (job: Job, result: JobResult) => void;
  /** Asked before every job: is there a reason to go on? */
  readonly goesOn?: () => boolean;
};

/** Runs make much that is soon forgotten: with room for it less is looked through in vain. */
const YOUNG_SPACE = ['--max-semi-space-size=32'];
const PROGRAM = fileURLToPath(new URL('sim-process.ts', import.meta.url));

export async function playJobs(options: PlayOptions): Promise<void> {
  const { jobs, workers = availableParallelism() } = options;
  const queue = [...jobs];
  const count = Math.min(workers, queue.length);
  await Promise.all(Array.from({ length: count }, () => work(queue, options)));
}

async function work(queue: Job[], { onResult, goesOn = () => true }: PlayOptions): Promise<void> {
  const worker = fork(PROGRAM, { stdio: 'inherit', execArgv: YOUNG_SPACE });
  try {
    for (let job = queue.shift(); job !== undefined && goesOn(); job = queue.shift()) {
      onResult(job, await ask(worker, job));
    }
  } finally {
    if (worker.connected) worker.disconnect();
  }
}

function ask(worker: ChildProcess, job: Job): Promise<JobResult> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => {
      reject(new Error(`Cannot play seeds from ${job.from}: the worker ended with ${code}`));
    };
    worker.once('exit', onExit);
    worker.once('message', (answer) => {
      worker.off('exit', onExit);
      resolve(answer as JobResult);
    });
    worker.send(job);
  });
}

/** Seeds in jobs that are small enough to share out evenly. */
export function seedJobs(from: number, seeds: number, jobSeeds: number): readonly Job[] {
  return Array.from({ length: Math.ceil(seeds / jobSeeds) }, (_, at) => ({
    mutation: null,
    from: from + at * jobSeeds,
    seeds: Math.min(jobSeeds, seeds - at * jobSeeds),
    stopsAtFirst: false,
  }));
}
