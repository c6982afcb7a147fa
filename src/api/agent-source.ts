// What the routes of agents read and write through, and who an agent is allowed to speak for.
import { OneupError } from '../base/oneup-error.ts';
import type { StoreEntry } from '../ports/store.ts';
import type { AgentNode } from './agent-nodes.ts';
import type { ApiSource } from './api-source.ts';
import type { Caller } from './token-gate.ts';

export type Generation = { readonly number: number; readonly id: string };

export type AgentSource = Pick<ApiSource, 'config' | 'keys' | 'view' | 'store' | 'clock' | 'session' | 'uniqueId'> & {
  /** Version of `config/current` that this process runs; null where there is none. */
  readonly configVersion: number | null;
  readonly nodesOf: (agent: string) => readonly AgentNode[];
};

/** What every request of an agent says about where it thinks it is; `generation` null: it has not heard of one yet. */
export type Place = { readonly cluster: string; readonly generation: Generation | null };

/** Throws ONEUP_AGENT_DENIED. */
export function requireNode(
  source: Pick<AgentSource, 'nodesOf'>,
  caller: Caller,
  { service, node }: { readonly service: string; readonly node: string },
): AgentNode {
  const found = source.nodesOf(caller.agent).find((own) => own.service === service && own.node === node);
  if (found !== undefined) return found;
  throw denied(`agent ${caller.agent} does not speak for ${service}/${node} in the configuration in force`, {
    remedy: 'Name the agent at the node in the configuration, then run oneup reload; or give this node its own token',
  });
}

/** Throws ONEUP_AGENT_DENIED. */
export function requireCluster({ config }: Pick<AgentSource, 'config'>, { cluster }: Place): void {
  if (cluster === config.cluster.name) return;
  throw denied(`this prober belongs to cluster ${config.cluster.name}, value was ${cluster}`);
}

/**
 * The generation as the store holds it now, with the version of its record (S4). Throws ONEUP_STORE_LOST, _CORRUPT, or _REBUILDING:
 * while the records are written anew none of them says what is true.
 */
export function readGeneration(entry: StoreEntry | null): {
  readonly generation: Generation;
  readonly version: number;
} {
  if (entry === null) throw new OneupError('ONEUP_STORE_LOST', 'Cannot answer the agent: the cluster record is gone');
  const record = parseObject(entry.value);
  if (record?.rebuild !== undefined)
    throw new OneupError('ONEUP_STORE_REBUILDING', 'Cannot answer the agent: the records are being written anew');
  const generation = generationIn(record);
  if (generation !== null) return { generation, version: entry.version };
  throw new OneupError('ONEUP_STORE_CORRUPT', 'Cannot answer the agent: the cluster record is damaged');
}

function generationIn(record: Readonly<Record<string, unknown>> | null): Generation | null {
  const { number, id } = (record?.generation ?? {}) as Partial<Generation>;
  return Number.isSafeInteger(number) && typeof id === 'string' ? { number: Number(number), id } : null;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    // Not JSON, or of another shape: the caller says which record it is.
    return null;
  }
}

/** What was learnt in another generation says nothing about this one (S4). Throws ONEUP_AGENT_DENIED. */
export function requireGeneration(known: Generation | null, current: Generation): void {
  if (known === null || isSame(known, current)) return;
  throw denied(`it is in generation ${known.number}, this cluster in ${current.number}`, {
    remedy: 'The agent takes its goals again by itself; if this goes on, see docs/agent.md',
  });
}

export function isSame(a: Generation, b: Generation): boolean {
  return a.number === b.number && a.id === b.id;
}

export function denied(reason: string, options: { readonly remedy?: string } = {}): OneupError {
  return new OneupError('ONEUP_AGENT_DENIED', `Cannot serve the agent: ${reason}`, options);
}
