// The command line of an agent, which runs for years on machines that have other work: it loads its own command and no other.
import { addAgentCommand } from './agent-command.ts';
import type { CommandContext } from './command-context.ts';
import { bareProgram, runProgram } from './run-program.ts';

/** Runs one command line and returns its exit code; never throws. */
export function runAgentCli(argv: readonly string[], context: CommandContext): Promise<number> {
  const create = () => {
    const program = bareProgram(context);
    addAgentCommand(program, context);
    return program;
  };
  return runProgram(create, argv, context);
}
