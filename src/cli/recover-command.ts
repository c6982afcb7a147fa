// `oneup recover`: the words of the command; what it does is loaded when it is run.
import type { Command } from 'commander';
import { type CommandContext, print } from './command-context.ts';
import type { RecoverOptions } from './recover.ts';
import { withExamples, withShared } from './shared-options.ts';

export function addRecoverCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('recover')
    .description('Go on with a store that was restored from a backup, as a new generation')
    .option(
      '--without <name...>',
      'probers, SERVICE/NODE and provider:NAME that cannot be asked and have nothing newer that matters',
    );
  withExamples(withShared(command), 'oneup recover', 'oneup recover --without sin web/a').action(
    async (options: RecoverOptions) =>
      print(context, options, await (await import('./recover.ts')).recover(context, options)),
  );
}
