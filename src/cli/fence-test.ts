// Asks fence devices from this prober, whoever is the controller: the same queries over the same drivers as a failover, and no
// way to fire. What holds no right to act is given none (S3, S8).
import type { FenceAnswer, FenceTest } from '../api/test-fence.ts';
import type { Clock } from '../base/clock.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { ParentEnvironment } from '../base/parent-environment.ts';
import type { Config, ServiceConfig } from '../config/config.ts';
import type { ActionCarriers } from '../nodes/action-carrier.ts';
import type { Runner } from '../nodes/exec/start-runner.ts';
import { queryLevel } from '../nodes/fence-level.ts';
import type { FenceResult } from '../ports/node-driver.ts';
import { createCarriers } from './carriers.ts';

export type FenceTestDeps = {
  readonly prober: string;
  readonly config: Config;
  readonly clock: Clock;
  readonly runner: Runner;
  readonly parentEnv: ParentEnvironment;
  readonly generation: number;
  /** Where the service stands: scripts are told as in an operation. */
  readonly positionOf: (service: ServiceConfig) => { readonly epoch: number; readonly step: number };
  /** Ends every query. */
  readonly signal: AbortSignal;
};

/** Below the time that the command line waits for an answer, so that a silent device is told apart from a silent prober. */
const ANSWER_WITHIN_MS = 20_000;

/** Throws ONEUP_USAGE while another test runs here: a ladder is eight processes, and nobody needs it asked twice at once. */
export function createFenceTest(deps: FenceTestDeps): FenceTest {
  const { prober, config, clock, runner, parentEnv } = deps;
  const carriers = createCarriers({ config, clock, runner, parentEnv, agent: NEVER_ASKED, mayActUntilBootMs: () => 0 });
  let running: string | null = null;
  return async (asked) => {
    if (running !== null) {
      throw new OneupError('ONEUP_USAGE', `Cannot test the fence: another test is running here, value was ${running}`, {
        remedy: 'Wait until it has ended, at most 20 seconds',
      });
    }
    running = `${asked.service.id}/${asked.node.id}`;
    const deadline = new AbortController();
    const timer = clock.timer(ANSWER_WITHIN_MS, () => deadline.abort());
    const signal = AbortSignal.any([deps.signal, deadline.signal]);
    try {
      const levels = asked.levels.map((level) => askLevel({ deps, carriers, signal }, asked, level));
      return { prober, levels: await Promise.all(levels) };
    } finally {
      timer.stop();
      running = null;
    }
  };
}

type Asking = { readonly deps: FenceTestDeps; readonly carriers: ActionCarriers; readonly signal: AbortSignal };

async function askLevel(
  { deps, carriers, signal }: Asking,
  { service, node }: Parameters<FenceTest>[0],
  level: number,
): Promise<FenceAnswer> {
  const { config, clock, generation } = deps;
  const place = { cluster: config.cluster.name, service: service.id, node: node.id, generation };
  const context = { ...place, ...deps.positionOf(service), opId: '', from: null, to: null };
  const beganAtMonoMs = clock.monotonicMs();
  const { actions } = node;
  const { kind, reason } = await queryLevel(context, { clock, carriers, actions, level: level - 1, signal });
  const driver = actions.fence[level - 1]?.confirm?.query.driver ?? 'none';
  return { level, driver, state: STATES[kind], reason, durationMs: clock.monotonicMs() - beganAtMonoMs };
}

const STATES: Readonly<Record<FenceResult['kind'], FenceAnswer['state']>> = {
  off: 'off',
  notOff: 'notOff',
  error: 'unknown',
  refused: 'unknown',
  killed: 'unknown',
};

function neverAsked(): never {
  throw new TypeError('Cannot ask an agent: no fence level is one');
}

const NEVER_ASKED: ActionCarriers['agent'] = {
  act: neverAsked,
  query: neverAsked,
  adopt: neverAsked,
  recall: neverAsked,
  wasFired: neverAsked,
  recordOff: neverAsked,
};
