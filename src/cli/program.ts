// The command line: which commands there are.
import type { Command } from 'commander';
import { addAgentCommand } from './agent-command.ts';
import type { CommandContext } from './command-context.ts';
import { groupCommands } from './command-groups.ts';
import { addDrill } from './drill-command.ts';
import { addForgetCommand } from './forget-command.ts';
import { addHoldCommands } from './hold-commands.ts';
import { addJobsCommand } from './jobs-command.ts';
import { addOrderCommands } from './order-commands.ts';
import { addProcessCommands } from './process-commands.ts';
import { addReadCommands } from './read-commands.ts';
import { addRecoverCommand } from './recover-command.ts';
import { addRunIfActive } from './run-if-active-command.ts';
import { bareProgram, runProgram } from './run-program.ts';
import { addServiceCommands } from './service-commands.ts';
import { addTestAlert } from './test-alert-command.ts';
import { addTestFence } from './test-fence-command.ts';
import { addTokenCommand } from './token-command.ts';
import { VERSION } from './version.ts';
import { addZoneCommand } from './zone-command.ts';

/** Runs one command line and returns its exit code; never throws. */
export function runCli(argv: readonly string[], context: CommandContext): Promise<number> {
  return runProgram((finish) => createProgram(context, finish), argv, context);
}

export function createProgram(context: CommandContext, finish: (exitCode: number) => void): Command {
  const program = bareProgram(context)
    .description('Keeps exactly one instance of a service up, and DNS pointing at it')
    .version(VERSION, '--version', 'print the version');
  addProcessCommands(program, context, finish);
  addRecoverCommand(program, context);
  addForgetCommand(program, context);
  addReadCommands(program, context);
  addServiceCommands(program, context, finish);
  addOrderCommands(program, context, finish);
  addDrill(program, context, finish);
  addHoldCommands(program, context, finish);
  addTestAlert(program, context, finish);
  addTestFence(program, context, finish);
  addZoneCommand(program, context, finish);
  addTokenCommand(program, context, finish);
  addAgentCommand(program, context);
  addJobsCommand(program, context);
  addRunIfActive(program, context, finish);
  groupCommands(program);
  return program;
}
