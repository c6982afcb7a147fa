// `oneup agent`: the agent of a node in a process of its own, with the keeper beside it. Here everything is put together.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runAgent } from '../agent/agent.ts';
import { createHttpsLink } from '../agent/https-link.ts';
import { openStateFile } from '../agent/state-file.ts';
import { openStepFile } from '../agent/step-file.ts';
import { inheritedVariables } from '../base/parent-environment.ts';
import type { AgentFile } from '../config/agent-file.ts';
import { holdLock } from '../keeper/hold-lock.ts';
import { readBootId } from '../keeper/process-table.ts';
import { startKeeper } from '../keeper/start-keeper.ts';
import { NODE_STATE_FILE } from '../ports/node-state.ts';
import { createRunCommand } from '../probe/run-command.ts';
import { openAgentJobs } from './agent-jobs.ts';
import type { AppDeps } from './app-deps.ts';
import { VERSION } from './version.ts';

export type AgentProcessOptions = {
  readonly file: AgentFile;
  /** false: the keeper is a unit of its own, which somebody else starts. */
  readonly startsKeeper: boolean;
};

export type AgentProcess = Disposable & {
  /** Resolves after a clean stop, which leaves services as they are until their leases end. */
  readonly run: () => Promise<void>;
};

/** `oneup agent`. Throws for a start that cannot be. */
export async function runAgentProcess(options: AgentProcessOptions, deps: AppDeps): Promise<void> {
  using agent = await openAgent(options, deps);
  await agent.run();
}

/** Takes its state directory and finds its keeper; asks nobody before `run`. Throws for a start that cannot be. */
export async function openAgent({ file, startsKeeper }: AgentProcessOptions, deps: AppDeps): Promise<AgentProcess> {
  const { cluster, agent, probers, tls, token, stateDir, watchdog } = file;
  const { clock, parentEnv, signal, uniqueId } = deps;
  // Beside a prober both write one log.
  const logger = deps.logger.child({ agent });
  // Users of this machine may read the one file whose mode says so, and list nothing.
  await mkdir(stateDir, { recursive: true, mode: 0o711 });
  // Two agents would each remember half of the steps.
  holdLock(join(stateDir, 'agent.lock'));
  const memory = await openStepFile(join(stateDir, 'steps.json'), cluster);
  using stack = new DisposableStack();
  const keeper = stack.use(startKeeper({ stateDir, clock, parentEnv, watchdogPath: watchdog, mayStart: startsKeeper }));
  const encrypted = tls === null ? null : { ...tls, cert: null, key: null };
  const known = { generation: memory.generation() };
  const link = stack.use(createHttpsLink({ clock, probers, cluster, token, tls: encrypted, ...known }));
  const publish = openStateFile({
    path: join(stateDir, NODE_STATE_FILE),
    cluster,
    bootId: readBootId(),
    bootMs: clock.bootMs,
    onFault: (error) => logger.error({ err: error }, 'state.json cannot be written; run-if-active will refuse'),
  });
  const own = { runCommand: createRunCommand({ clock }), parentEnv: inheritedVariables(parentEnv) };
  const owned = stack.move();
  return {
    run: async () => {
      logger.info({ version: VERSION, cluster, pid: deps.pid }, 'the agent runs');
      const shared = { cluster, agentRun: uniqueId(), clock, logger, signal };
      const jobs = await openAgentJobs(file, { ...deps, logger }, publish);
      const agentRuns = runAgent({ ...shared, ...own, link, keeper, memory, publish: jobs.publish, jobsOf: jobs.of });
      await Promise.all([agentRuns, jobs.run()]);
    },
    [Symbol.dispose]: () => owned.dispose(),
  };
}
