// What every command is given, and the options that all of them share.

import type { Clock } from '../base/clock.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { ParentEnvironment } from '../base/parent-environment.ts';
import { formatProblems } from '../config/format-problems.ts';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import { type ApiClient, createApiClient } from './api-client.ts';
import type { Console } from './console.ts';
import { socketPath } from './socket-path.ts';

export type CommandContext = {
  readonly console: Console;
  readonly clock: Clock;
  readonly parentEnv: ParentEnvironment;
  /** Who asks, for journals: the user of this process. */
  readonly actor: string;
  readonly pid: number;
  readonly uniqueId: () => string;
  /** Aborts on SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
};

export type SharedOptions = { readonly config: string; readonly json?: boolean; readonly socket?: string };

/** Throws ONEUP_CONFIG_INVALID with every problem, or the code of the problem that has its own exit code. */
export function loadOrThrow(file: string): LoadedConfig {
  const loaded = loadConfig(file);
  if (loaded.ok) return loaded.value;
  const special = loaded.error.find((problem) => problem.code === 'ONEUP_NO_FENCE_LADDER');
  throw new OneupError(special?.code ?? 'ONEUP_CONFIG_INVALID', formatProblems(loaded.error));
}

/** The socket that was named, or those of all probers in the configuration. */
export function clientFor(options: SharedOptions): ApiClient {
  if (options.socket !== undefined) return createApiClient([options.socket]);
  const { config } = loadOrThrow(options.config);
  return createApiClient(config.cluster.probers.map((prober) => socketPath(config.cluster.stateDir, prober.id)));
}

/** Prints JSON when asked for, text otherwise. */
export function print(
  context: CommandContext,
  options: SharedOptions,
  result: { readonly json: unknown; readonly text: string },
): void {
  context.console.out(options.json === true ? JSON.stringify(result.json, null, 2) : result.text);
}
