// `oneup jobs`: the words of the command; what it does is loaded when it is run.
import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { withExamples } from './shared-options.ts';
import type { JobsOptions } from './show-jobs.ts';

export function addJobsCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('jobs')
    .description('Show the jobs of the agent on this machine: next time, last run, what was left out and why')
    .option('--state-dir <directory>', 'directory of the agent, its stateDir', '/var/lib/oneup-agent')
    .option('--json', 'print one JSON document');
  withExamples(command, 'oneup jobs', 'oneup jobs --state-dir /var/lib/oneup-agent --json').action(
    async (options: JobsOptions) => (await import('./show-jobs.ts')).showJobs(context, options),
  );
}
