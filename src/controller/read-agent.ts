// The agent of a node as every prober can tell of it: whether it is there, what it says, and who enforces its lease (S14, S16).
import type { StoreKeys } from '../base/store-keys.ts';
import type { NodeConfig, ServiceConfig } from '../config/config.ts';
import type { AgentJobs, AgentReport } from '../ports/agent-link.ts';
import type { StoreView } from '../ports/store-view.ts';

export type AgentStatus = {
  readonly name: string;
  /** A prober had contact with it a moment ago. What follows is null where it had not. */
  readonly isConnected: boolean;
  readonly role: string | null;
  readonly enforced: string | null;
  /** Why the service ended, if it did so by itself or its agent stopped it. */
  readonly exited: string | null;
  /** Why nothing can be started there as it is, and what to do about it. */
  readonly unfit: { readonly reason: string; readonly remedy: string } | null;
  /** As the node last said, on its own clock; null: none. */
  readonly jobs: AgentJobs | null;
};

/** Null for a node without an agent. */
export function readAgent(
  { view, keys }: { readonly view: StoreView; readonly keys: StoreKeys },
  service: ServiceConfig,
  node: NodeConfig,
): AgentStatus | null {
  if (node.agent === null) return null;
  const report = parse(view.get(keys.agent(service.id, node.id))?.value);
  const { role = null, enforced = null, exited = null, unfit = null, jobs = null } = report ?? {};
  return { name: node.agent.name, isConnected: report !== null, role, enforced, exited, unfit, jobs };
}

function parse(text: string | undefined): Partial<AgentReport> | null {
  if (text === undefined) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    // A damaged record says nothing of its agent.
    return null;
  }
}
