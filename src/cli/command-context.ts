// What every command is given, and the options that all of them share.
import type { Clock } from '../base/clock.ts';
import type { ParentEnvironment } from '../base/parent-environment.ts';
import { type ApiClient, createApiClient } from './api-client.ts';
import type { Console } from './console.ts';

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

/** The socket that was named, or those of all probers in the configuration, which is read with the first call. */
export function clientFor(options: SharedOptions): ApiClient {
  if (options.socket !== undefined) return createApiClient([options.socket]);
  const client = async () => {
    const { configuredSockets } = await import('./load-or-throw.ts');
    return createApiClient(configuredSockets(options.config));
  };
  return {
    get: async (path) => (await client()).get(path),
    post: async (path, body) => (await client()).post(path, body),
  };
}

/** Prints JSON when asked for, text otherwise. */
export function print(
  context: CommandContext,
  options: SharedOptions,
  result: { readonly json: unknown; readonly text: string },
): void {
  context.console.out(options.json === true ? JSON.stringify(result.json, null, 2) : result.text);
}
