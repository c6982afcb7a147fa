// The command line: which commands there are, how errors look, and what exit code they give.
import { Command, CommanderError } from 'commander';
import { ERROR_CATALOGUE } from '../base/error-catalogue.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { CommandContext } from './command-context.ts';
import { addDrill } from './drill-command.ts';
import { addForgetCommand } from './forget-command.ts';
import { addHoldCommands } from './hold-commands.ts';
import { addOrderCommands } from './order-commands.ts';
import { addProcessCommands } from './process-commands.ts';
import { addReadCommands } from './read-commands.ts';
import { addRecoverCommand } from './recover-command.ts';
import { addServiceCommands } from './service-commands.ts';
import { addTestAlert } from './test-alert-command.ts';

/** Runs one command line and returns its exit code; never throws. */
export async function runCli(argv: readonly string[], context: CommandContext): Promise<number> {
  let exitCode = 0;
  const finish = (code: number) => {
    exitCode = code;
  };
  const program = createProgram(context, finish);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(context, error, argv.includes('--json'));
  }
}

export function createProgram(context: CommandContext, finish: (exitCode: number) => void): Command {
  const program = new Command('oneup')
    .description('Keeps exactly one instance of a service up, and DNS pointing at it')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.console.out(text.trimEnd()),
      writeErr: (text) => context.console.err(text),
    })
    .showHelpAfterError('(run with --help for the options)');
  addProcessCommands(program, context, finish);
  addRecoverCommand(program, context);
  addForgetCommand(program, context);
  addReadCommands(program, context);
  addServiceCommands(program, context, finish);
  addOrderCommands(program, context, finish);
  addDrill(program, context, finish);
  addHoldCommands(program, context, finish);
  addTestAlert(program, context, finish);
  return program;
}

function report(context: CommandContext, error: unknown, asJson: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
  if (error instanceof OneupError) {
    const { code, message, remedy } = error;
    const { exitCode } = ERROR_CATALOGUE[code];
    if (asJson) context.console.out(JSON.stringify({ error: { code, message, remedy, exitCode } }, null, 2));
    else context.console.err(`${code}: ${message}\nRemedy: ${remedy}\n`);
    return exitCode;
  }
  if (context.signal.aborted) return 130;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  context.console.err(`ONEUP_INTERNAL: ${text}\n`);
  return 1;
}
