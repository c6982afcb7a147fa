// What the store says that the tries are judged by: which node is the active one, and what agents say. Damaged records say
// nothing.
import type { ServiceId } from '../../base/ids.ts';
import { storeKeys } from '../../base/store-keys.ts';
import type { Config } from '../../config/config.ts';
import type { Store, StoreEntry } from '../../ports/store.ts';

export type Enforced = 'watchdog' | 'keeper' | 'none';

export type Facts = {
  readonly generation: number;
  /** The active node of each service; a service without one is not in it. */
  readonly active: Readonly<Record<ServiceId, string>>;
  /** Who enforces the lease of each agent that is connected, by `service/node`. */
  readonly agents: Readonly<Record<string, Enforced>>;
  /** Why an agent cannot start its service as it is, with what to do about it, by `service/node`. */
  readonly unfit: Readonly<Record<string, string>>;
};

const ENFORCED: readonly Enforced[] = ['watchdog', 'keeper', 'none'];

export async function readFacts(store: Store, config: Config, generation: number): Promise<Facts> {
  const keys = storeKeys(config.cluster.name);
  const services = await store.list(keys.services);
  const agents = await store.list(keys.agents);
  const active = services.entries.flatMap((entry) => {
    const node = fieldsOf(entry).active;
    return typeof node === 'string' ? [[entry.key.slice(keys.services.length), node] as const] : [];
  });
  const enforced = agents.entries.flatMap((entry) => {
    const word = ENFORCED.find((known) => known === fieldsOf(entry).enforced);
    return word === undefined ? [] : [[entry.key.slice(keys.agents.length), word] as const];
  });
  const unfit = agents.entries.flatMap((entry) => {
    const { reason, remedy } = mapOf(fieldsOf(entry).unfit);
    const isTold = typeof reason === 'string' && typeof remedy === 'string';
    return isTold ? [[entry.key.slice(keys.agents.length), `${reason}; ${remedy}`] as const] : [];
  });
  const [byNode, faults] = [Object.fromEntries(enforced), Object.fromEntries(unfit)];
  return { generation, active: Object.fromEntries(active), agents: byNode, unfit: faults };
}

function fieldsOf({ value }: StoreEntry): Readonly<Record<string, unknown>> {
  try {
    return mapOf(JSON.parse(value));
  } catch {
    return {};
  }
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
