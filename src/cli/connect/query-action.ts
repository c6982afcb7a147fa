// Asks the query of an action as the controller would, by drivers that hold no right to act: whatever would change a node is
// refused by them before anything is sent (S8).
import type { Clock } from '../../base/clock.ts';
import type { ParentEnvironment } from '../../base/parent-environment.ts';
import type { ActionConfig, Config } from '../../config/config.ts';
import type { ActionCarrier, ActionCarriers } from '../../nodes/action-carrier.ts';
import { type QueryAnswer, withoutEvidence } from '../../nodes/action-carrier.ts';
import { carrierOf } from '../../nodes/carrier-of.ts';
import type { Runner } from '../../nodes/exec/start-runner.ts';
import type { ActionContext } from '../../ports/node-driver.ts';
import { createCarriers } from '../carriers.ts';

export type QueryDeps = {
  readonly clock: Clock;
  readonly parentEnv: ParentEnvironment;
  readonly carriers: ActionCarriers;
  readonly contextOf: (service: string, node: string) => ActionContext;
};

export type AskedAction = {
  readonly service: string;
  readonly node: string;
  /** As in Question: `status`, `fence-confirm`. */
  readonly name: string;
  readonly signal: AbortSignal;
};

/** A query may be given minutes by its configuration; the command does not wait for that. */
const QUERY_MAX_MS = 10_000;

export function queryDeps(
  config: Config,
  { clock, parentEnv, generation }: Pick<QueryDeps, 'clock' | 'parentEnv'> & { readonly generation: number },
): QueryDeps {
  const carriers = createCarriers({
    config,
    clock,
    parentEnv,
    runner: REFUSING_RUNNER,
    agent: REFUSING_CARRIER,
    mayActUntilBootMs: () => 0,
  });
  const about = { cluster: config.cluster.name, generation, epoch: 0, step: 0, opId: 'check-config' };
  const contextOf = (service: string, node: string) => ({ ...about, service, node, from: null, to: null });
  return { clock, parentEnv, carriers, contextOf };
}

export function queryTimeoutMs({ timeoutMs }: ActionConfig): number {
  return Math.min(timeoutMs, QUERY_MAX_MS);
}

/** Never rejects for what a node does. */
export function queryAction(
  action: ActionConfig,
  { service, node, name, signal }: AskedAction,
  { carriers, contextOf }: QueryDeps,
): Promise<QueryAnswer> {
  const bounded = { ...action, timeoutMs: queryTimeoutMs(action) };
  return carrierOf(bounded, carriers).query({ context: contextOf(service, node), action: name, signal });
}

const NO_RIGHT = 'check-config may look and never act';

const REFUSING_RUNNER: Runner = {
  setDeadline: () => {},
  request: () => Promise.resolve(withoutEvidence('refused', NO_RIGHT)),
  pid: () => null,
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

const REFUSING_CARRIER: ActionCarriers['agent'] & ActionCarrier = {
  act: () => Promise.resolve(withoutEvidence('refused', NO_RIGHT)),
  query: () => Promise.resolve({ kind: 'failed', reason: NO_RIGHT, evidence: withoutEvidence('refused', '').evidence }),
  adopt: () => Promise.resolve(withoutEvidence('refused', NO_RIGHT)),
  recall: () => Promise.reject(new TypeError(NO_RIGHT)),
  wasFired: () => false,
  recordOff: () => Promise.resolve(),
};
