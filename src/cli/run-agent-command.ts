// `oneup agent`: reads the file of the node and runs its agent until the process is told to stop.
import { createLogger, type LogLevel } from '../telemetry/pino-logger.ts';
import { agentFileOrThrow } from './agent-file-or-throw.ts';
import type { CommandContext } from './command-context.ts';
import { runAgentProcess } from './run-agent-process.ts';

export async function runAgentCommand(
  {
    path,
    logLevel,
    startsKeeper,
  }: { readonly path: string; readonly logLevel: LogLevel; readonly startsKeeper: boolean },
  context: CommandContext,
): Promise<void> {
  const file = agentFileOrThrow(path);
  const logger = createLogger({ level: logLevel, prober: file.agent });
  await runAgentProcess({ file, startsKeeper }, { ...context, logger });
}
