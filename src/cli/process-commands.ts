// Commands about the cluster itself: init, run, check-config, reload, version. What each of them does is loaded when it is run:
// engines, SDKs and schemas take longer to load than most commands take.
import type { Command } from 'commander';
import type { CheckOptions } from './check-config.ts';
import { type CommandContext, print, type SharedOptions } from './command-context.ts';
import type { InitOptions } from './initialise.ts';
import type { ProberOptions } from './run-command.ts';
import type { Finish } from './send-command.ts';
import { withExamples, withShared } from './shared-options.ts';
import { VERSION } from './version.ts';

const RELEASE =
  'services that this file leaves out although DNS names them: nothing is stopped, and their names go on being answered';

const CONNECT =
  'also try everything that it names, from every live prober, without an effect; exit code 0 only if nothing is wrong';

export function addProcessCommands(program: Command, context: CommandContext, finish: Finish): void {
  withShared(program.command('init').description('Create the cluster in its store; once, before the first run'))
    .option('--force', 'overwrite the cluster that is there: its records are gone for good')
    .action(async (options: InitOptions) =>
      print(context, options, await (await import('./initialise.ts')).initialise(context, options)),
    );
  const runs = withShared(program.command('run').description('Run a prober: checks, controller candidate, name server'))
    .option('--prober <id>', 'which prober of the configuration this is (default: the only one)')
    .option('--log-level <level>', 'debug, info, warn, error or silent', 'info')
    .option('--agent <file>', 'also run the agent of this node, with this file, in the same process')
    .option('--no-keeper', 'with --agent: do not start a keeper, it is a unit of its own')
    .action(async (options: ProberOptions) => (await import('./run-command.ts')).run(context, options));
  withExamples(runs, 'oneup run --prober p1', 'oneup run --prober p1 --agent /etc/oneup/agent.yaml --no-keeper');
  const checks = withShared(
    program
      .command('check-config [file]')
      .description('Read the configuration and say everything that is wrong with it; the file may stand without -c'),
  )
    .option('--connect', CONNECT)
    .action(async (file: string | undefined, options: CheckOptions) =>
      finish(
        await (await import('./check-config.ts')).checkConfig(context, { ...options, config: file ?? options.config }),
      ),
    );
  withExamples(checks, 'oneup check-config oneup.yaml', 'oneup check-config --connect');
  const proposes =
    'Propose the file with which the asked prober was started as the one in force; -c only finds the prober';
  withShared(program.command('reload').description(proposes))
    .option('--force', 'also when a live prober cannot load it; those are named')
    .option('--release <services...>', RELEASE)
    .action(async (options: SharedOptions & { force?: boolean; release?: readonly string[] }, command: Command) =>
      finish(
        await (await import('./propose-file.ts')).proposeFile(context, {
          ...options,
          isNamed: command.getOptionValueSource('config') === 'cli',
        }),
      ),
    );
  withShared(program.command('version').description('Print the version')).action((options: SharedOptions) =>
    print(context, options, { json: { version: VERSION }, text: VERSION }),
  );
}
