// The configuration of a command that cannot go on without one.
import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { OneupError } from '../base/oneup-error.ts';
import { formatProblems } from '../config/format-problems.ts';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import { socketPath } from './socket-path.ts';

/** Throws ONEUP_CONFIG_INVALID with every problem, or the code of the problem that has its own exit code. */
export function loadOrThrow(file: string): LoadedConfig {
  const loaded = loadConfig(file);
  if (loaded.ok) return loaded.value;
  if (!existsSync(file)) {
    const message = `Cannot read the configuration: there is no ${basename(file)} in ${dirname(resolve(file))}`;
    throw new OneupError('ONEUP_CONFIG_INVALID', message, { remedy: 'Change to its folder, or name it with -c' });
  }
  const special = loaded.error.find((problem) => problem.code === 'ONEUP_NO_FENCE_LADDER');
  throw new OneupError(special?.code ?? 'ONEUP_CONFIG_INVALID', formatProblems(loaded.error));
}

/** Where the probers of this configuration listen on this machine. */
export function configuredSockets(file: string): readonly string[] {
  const { cluster } = loadOrThrow(file).config;
  return cluster.probers.map((prober) => socketPath(cluster.stateDir, prober.id));
}
