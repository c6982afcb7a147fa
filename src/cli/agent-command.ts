// The command that runs the agent of a node. Its file is another than the cluster's: a node knows little, and is told the rest.
import type { Command } from 'commander';
import type { LogLevel } from '../telemetry/pino-logger.ts';
import type { CommandContext } from './command-context.ts';

type AgentOptions = { readonly config: string; readonly logLevel: LogLevel; readonly keeper: boolean };

export function addAgentCommand(program: Command, context: CommandContext): void {
  program
    .command('agent')
    .description('Run the agent of a node: holds leases, starts and stops services, stops them when a lease ends')
    .option('-c, --config <file>', 'file of the agent', 'agent.yaml')
    .option('--no-keeper', 'do not start a keeper: it is a unit of its own')
    .option('--log-level <level>', 'debug, info, warn, error or silent', 'info')
    .action(async ({ config, logLevel, keeper }: AgentOptions) => {
      const { runAgentCommand } = await import('./run-agent-command.ts');
      await runAgentCommand({ path: config, logLevel, startsKeeper: keeper }, context);
    });
}
