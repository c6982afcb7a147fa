// What the agent of a node last said, as the store holds it: `agent/<service>/<node>`. The record vanishes when the agent does,
// or the prober through which it spoke, so what is there is of an agent that was there a moment ago.
import type { NodeId, ServiceId } from '../../base/ids.ts';
import type { StoreKeys } from '../../base/store-keys.ts';
import type { AgentReport } from '../../ports/agent-link.ts';
import type { NodeRole } from '../../ports/node-driver.ts';
import type { StoreView } from '../../ports/store-view.ts';

const ROLES: readonly NodeRole[] = ['active', 'standby', 'stopped', 'starting', 'unknown'];

/** Null where no agent is connected, or its record cannot be read. */
export function readAgentReport(
  { view, keys }: { readonly view: StoreView; readonly keys: StoreKeys },
  service: ServiceId,
  node: NodeId,
): AgentReport | null {
  const text = view.get(keys.agent(service, node))?.value;
  if (text === undefined) return null;
  try {
    const value = JSON.parse(text) as Partial<AgentReport> | null;
    const isReport =
      typeof value?.generation === 'number' &&
      typeof value.epoch === 'number' &&
      typeof value.step === 'number' &&
      value.role !== undefined &&
      ROLES.includes(value.role);
    return isReport ? (value as AgentReport) : null;
  } catch {
    return null;
  }
}
