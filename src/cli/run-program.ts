// Runs a command line, whichever commands it has: how errors look, and what exit code they give.
import { Command, CommanderError } from 'commander';
import { ERROR_CATALOGUE } from '../base/error-catalogue.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { CommandContext } from './command-context.ts';
import { describeError, refusalOf } from './render-refusal.ts';

/** Without commands yet. */
export function bareProgram({ console }: CommandContext): Command {
  return new Command('oneup')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => console.out(text.trimEnd()),
      writeErr: (text) => console.err(text),
    })
    .showHelpAfterError('(run with --help for the options)');
}

/** Runs one command line and returns its exit code; never throws. */
export async function runProgram(
  create: (finish: (exitCode: number) => void) => Command,
  argv: readonly string[],
  context: CommandContext,
): Promise<number> {
  let exitCode = 0;
  const program = create((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(context, error, argv.includes('--json'));
  }
}

function report(context: CommandContext, error: unknown, asJson: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
  if (error instanceof OneupError) {
    const { code, message, remedy } = error;
    const { exitCode } = ERROR_CATALOGUE[code];
    const refusal = refusalOf(error);
    const told = {
      error: { code, message, remedy, exitCode },
      ...(refusal === null ? {} : { kind: 'refused', refusal }),
    };
    if (asJson) context.console.out(JSON.stringify(told, null, 2));
    else context.console.err(`${describeError(error)}\n`);
    return exitCode;
  }
  if (context.signal.aborted) return 130;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  context.console.err(`ONEUP_INTERNAL: ${text}\n`);
  return 1;
}
