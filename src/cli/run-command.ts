// `oneup run`: which prober this process is, and whether it is the agent of a node as well.
import { OneupError } from '../base/oneup-error.ts';
import { createLogger, type LogLevel } from '../telemetry/pino-logger.ts';
import { agentFileOrThrow } from './agent-file-or-throw.ts';
import type { CommandContext, SharedOptions } from './command-context.ts';
import { loadOrThrow } from './load-or-throw.ts';
import { runProber } from './run-prober.ts';

export type ProberOptions = SharedOptions & {
  readonly prober?: string;
  readonly logLevel: LogLevel;
  readonly agent?: string;
  readonly keeper: boolean;
};

export async function run(context: CommandContext, options: ProberOptions): Promise<void> {
  const { agent, keeper } = options;
  if (agent === undefined && !keeper)
    throw new OneupError('ONEUP_USAGE', 'Cannot run: --no-keeper goes with --agent, and there is none');
  const loaded = loadOrThrow(options.config);
  const { probers } = loaded.config.cluster;
  const wanted = options.prober ?? (probers.length === 1 ? probers[0]?.id : undefined);
  const prober = probers.find((candidate) => candidate.id === wanted);
  if (prober === undefined) {
    const ids = probers.map((candidate) => candidate.id).join(', ');
    throw new OneupError('ONEUP_USAGE', `Cannot run: --prober must be one of ${ids}, value was ${wanted ?? 'none'}`);
  }
  const logger = createLogger({ level: options.logLevel, prober: prober.id });
  for (const warning of loaded.warnings) logger.warn({ path: warning.path }, warning.reason);
  const part = { configFile: options.config, loaded, prober };
  if (agent === undefined) return await runProber(part, { ...context, logger });
  const both = { run: part, agent: { file: agentFileOrThrow(agent), startsKeeper: keeper } };
  const { runBoth } = await import('./run-both.ts');
  await runBoth(both, { ...context, logger });
}
