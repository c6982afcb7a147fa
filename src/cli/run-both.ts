// `oneup run --agent`: a prober and the agent of its node in one process. They share the process and nothing else: the agent asks
// probers through their listeners with its token, as from any other process, and its keeper outlives both (S14, S16).
import { join, resolve } from 'node:path';
import { OneupError } from '../base/oneup-error.ts';
import type { AppDeps } from './app-deps.ts';
import { type AgentProcessOptions, openAgent } from './run-agent-process.ts';
import { type RunOptions, runProber } from './run-prober.ts';

export type BothOptions = { readonly run: RunOptions; readonly agent: AgentProcessOptions };

/** Resolves after a clean stop of both. Rejects with a OneupError that names the part that could not start or go on. */
export async function runBoth({ run, agent }: BothOptions, deps: AppDeps): Promise<void> {
  requireFit({ run, agent });
  const { prober } = run;
  const { file } = agent;
  const agentStop = new AbortController();
  const proberStop = new AbortController();
  const agentName = `agent ${file.agent} beside prober ${prober.id}`;
  const agentDeps = { ...deps, signal: agentStop.signal };
  // Before anybody can ask the prober: a second agent, or a memory that cannot be read, starts nothing.
  using opened = await named(agentName, openAgent(agent, agentDeps));
  const standing = Promise.withResolvers<void>();
  const stop = (reason: unknown) => {
    agentStop.abort(reason);
    standing.resolve();
  };
  deps.signal.addEventListener('abort', () => stop(deps.signal.reason), { once: true });
  if (deps.signal.aborted) stop(deps.signal.reason);
  // The agent ends first, so that its last calls are answered; then the prober, in order.
  const agentEnd = standing.promise
    .then(() => (agentStop.signal.aborted ? undefined : opened.run()))
    .finally(() => proberStop.abort(new Error('the agent of this process has ended')));
  const options = { ...run, agent: file.agent, onListening: () => standing.resolve() };
  const proberEnd = runProber(options, { ...deps, signal: proberStop.signal }).finally(() =>
    stop(new Error('the prober of this process has ended')),
  );
  const proberName = `prober ${prober.id} beside agent ${file.agent}`;
  const ends = await Promise.allSettled([named(proberName, proberEnd), named(agentName, agentEnd)]);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/** Throws ONEUP_CONFIG_INVALID for two files that do not belong together. */
function requireFit({ run, agent }: BothOptions): void {
  const { cluster } = run.loaded.config;
  const { file } = agent;
  const refused = (reason: string, remedy: string) =>
    new OneupError('ONEUP_CONFIG_INVALID', `Cannot run agent ${file.agent} beside prober ${run.prober.id}: ${reason}`, {
      remedy,
    });
  if (file.cluster !== cluster.name)
    throw refused(
      `its file names another cluster than the prober's, ${cluster.name}; value was ${file.cluster}`,
      'Correct cluster: in the file of the agent, or name another file with --agent',
    );
  if (resolve(file.stateDir) === resolve(join(cluster.stateDir, run.prober.id)))
    throw refused(
      `the prober keeps its own files there, stateDir was ${file.stateDir}`,
      'Write another stateDir: into the file of the agent',
    );
}

/** One process has two logs in one and one exit: whoever reads the end of it learns which part it was. */
async function named<T>(part: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof OneupError)) throw error;
    const { code, message, remedy } = error;
    throw new OneupError(code, `Cannot run ${part}: ${message}`, { cause: error, remedy });
  }
}
