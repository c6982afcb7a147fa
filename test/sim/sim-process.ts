// A worker of the simulation: plays the jobs that its parent sends, one after the other, and answers with what they met.
import { playJob } from './play-job.ts';
import { rememberParsed } from './remember-parsed.ts';
import type { Job } from './sim-job.ts';

// Runs make and drop many errors that nobody reads; with their stacks they would cost more than the rest.
Error.stackTraceLimit = 0;
rememberParsed();

process.on('message', (job: Job) => {
  playJob(job).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      console.error(`seeds from ${job.from}, without ${job.mutation ?? 'nothing'}:`, error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit(0));
