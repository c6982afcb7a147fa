// What an agent is to do, read from the store at the moment of the answer; the prober's own copy only says when to look (S14).
import type { AgentGoal, AgentGoals } from '../ports/agent-link.ts';
import type { StoreEntry } from '../ports/store.ts';
import type { AgentNode } from './agent-nodes.ts';
import { type AgentSource, type Generation, readGeneration } from './agent-source.ts';
import { parseGrant, parseOrder } from './agent-wire.ts';

export type ReadGoals = {
  readonly goals: AgentGoals;
  /** Version of the record that changed last of those that concern the agent. */
  readonly changedAt: number;
};

/** Nodes that are read at once: the store has other callers. */
const READS_AT_ONCE = 16;

/** Rejects with what the store says. */
export async function readGoals(source: AgentSource, agent: string): Promise<ReadGoals> {
  const { store, keys, config, configVersion } = source;
  // First of all, so that nothing that changes during the other reads is older than `revision`.
  const { entries, revision } = await store.list(keys.meta);
  const { generation, version } = readGeneration(entries.find(({ key }) => key === keys.meta) ?? null);
  const nodes = source.nodesOf(agent);
  const found: Found[] = [];
  for (let at = 0; at < nodes.length; at += READS_AT_ONCE)
    found.push(...(await Promise.all(nodes.slice(at, at + READS_AT_ONCE).map((node) => readNode(source, node)))));
  const goals = found.map((one) => goalOf(one, generation));
  const versions = found.flatMap(({ grant, order }) => [grant?.version ?? 0, order?.version ?? 0]);
  return {
    goals: { cluster: config.cluster.name, generation, revision, goals },
    changedAt: Math.max(version, configVersion ?? 0, ...versions),
  };
}

type Found = { readonly node: AgentNode; readonly grant: StoreEntry | null; readonly order: StoreEntry | null };

async function readNode({ store, keys }: AgentSource, node: AgentNode): Promise<Found> {
  const [grant, order] = await Promise.all([
    store.get(keys.grant(node.service)),
    store.get(keys.goal(node.service, node.node)),
  ]);
  return { node, grant, order };
}

function goalOf({ node, grant, order }: Found, generation: Generation): AgentGoal {
  const held = grant === null ? null : parseGrant(grant.key, grant.value);
  const { service, lease, onStoreLoss, actions } = node;
  return {
    service,
    node: node.node,
    generation: generation.number,
    grant: held?.node === node.node ? { epoch: held.epoch, revoked: held.revoked } : null,
    order: order === null ? null : parseOrder(order.key, order.value),
    lease,
    onStoreLoss,
    actions,
  };
}
