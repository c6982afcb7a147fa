// What the guards on nodes and the hooks remember of earlier stores: a new generation has to be above all of them, or they would
// refuse every step of it (S4, S12). Asking changes nothing, and needs no right to act.
import type { Clock } from '../base/clock.ts';
import type { NodeId, ServiceId } from '../base/ids.ts';
import type { ParentEnvironment } from '../base/parent-environment.ts';
import type { ActionConfig, Config } from '../config/config.ts';
import { carrierOf } from '../nodes/carrier-of.ts';
import { namedActions } from './connect/named-actions.ts';
import { queryDeps } from './connect/query-action.ts';

export type GuardMemory = {
  readonly service: ServiceId;
  readonly node: NodeId;
  /** Zero where nothing is remembered. */
  readonly generation: number;
  readonly epoch: number;
  /** Why it is not known; null: it has answered. */
  readonly silence: string | null;
};

export type AskGuardsDeps = {
  readonly clock: Clock;
  readonly parentEnv: ParentEnvironment;
  readonly signal: AbortSignal;
};

/** Each login takes a process of this machine, and a silent one its ten seconds. */
const GUARDS_AT_ONCE = 16;

/** Each guard and each hook once for every node that it serves, fence devices too. Never rejects. */
export async function askGuards(config: Config, deps: AskGuardsDeps): Promise<readonly GuardMemory[]> {
  const { carriers, contextOf } = queryDeps(config, { ...deps, generation: 0 });
  const waiting = guardsOf(config).values();
  const heard: GuardMemory[] = [];
  const worker = async (): Promise<void> => {
    for (const { service, node, action } of waiting) {
      const question = { context: contextOf(service, node), action: 'status', signal: deps.signal };
      const { generation, epoch, isHeard, reason } = await carrierOf(action, carriers).recall(question);
      heard.push({ service, node, generation, epoch, silence: isHeard ? null : reason });
    }
  };
  await Promise.all(Array.from({ length: GUARDS_AT_ONCE }, worker));
  return heard;
}

/** The same for a command that goes on without those that take longer. Never rejects. */
export async function askGuardsWithin(
  maxMs: number,
  config: Config,
  { clock, parentEnv, signal }: AskGuardsDeps,
): Promise<readonly GuardMemory[]> {
  const limit = new AbortController();
  const timer = clock.timer(maxMs, () => limit.abort(new Error('it took too long')));
  const heard = await askGuards(config, { clock, parentEnv, signal: AbortSignal.any([signal, limit.signal]) });
  timer.stop();
  return heard;
}

/** `service/node` of those that did not answer, each once. */
export function silentGuards(guards: readonly GuardMemory[]): readonly string[] {
  const silent = guards.filter(({ silence }) => silence !== null);
  return [...new Set(silent.map(({ service, node }) => `${service}/${node}`))];
}

type Asked = { readonly service: ServiceId; readonly node: NodeId; readonly action: ActionConfig };

/** Those of steps: a query leaves nothing behind. */
function guardsOf(config: Config): readonly Asked[] {
  const found = new Map<string, Asked>();
  for (const { service, node, name, action } of namedActions(config)) {
    const isStep = !(name === 'status' || name === 'precheck' || name.endsWith(' confirm'));
    const place = placeOf(action);
    if (isStep && place !== null) found.set(JSON.stringify([service, node, place]), { service, node, action });
  }
  return [...found.values()];
}

/** Where the memory is, or null for one that this machine or the store has. */
function placeOf(action: ActionConfig): string | null {
  if (action.driver === 'http') return action.url;
  return action.driver === 'ssh' ? JSON.stringify(action.target) : null;
}
