// The runner of this prober, with its memory where every process that shares the store looks for it (S12), and nobody else.
import type { ClusterConfig } from '../config/config.ts';
import { type Runner, startRunner } from '../nodes/exec/start-runner.ts';
import type { AppDeps } from './app-deps.ts';
import { guardPath } from './guard-path.ts';
import { makePrivate } from './make-private.ts';

export async function openRunner(cluster: ClusterConfig, { clock, parentEnv }: AppDeps): Promise<Runner> {
  const guard = guardPath(cluster);
  const runner = await startRunner({ clock, guardPath: guard, parentEnv, killMs: cluster.timing.killTimeMs });
  await makePrivate(guard);
  return runner;
}
