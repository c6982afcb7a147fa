// What agents say of their own nodes, as signs of activity: an agent that runs or starts the service voids a proof that is older
// than its word (S19). Nothing that it says is a proof.
import type { StoreKeys } from '../base/store-keys.ts';
import type { ServiceConfig } from '../config/config.ts';
import type { ReportedNode } from '../failover/view.ts';
import type { Guard } from '../ports/store.ts';
import type { StoreView } from '../ports/store-view.ts';

type Place = { readonly keys: StoreKeys; readonly view: StoreView };

/** Nodes whose agents say that the service is active or starting there. */
export function readAgentSigns({ keys, view }: Place, service: ServiceConfig): Readonly<Record<string, ReportedNode>> {
  const found = service.nodes.flatMap(({ id, agent }) => {
    const entry = agent === null ? undefined : view.get(keys.agent(service.id, id));
    if (agent === null || entry === undefined || !isActive(entry.value)) return [];
    return [[id, { agent: agent.name, revision: entry.version }] as const];
  });
  return Object.fromEntries(found);
}

/** A START INTENT stands only if no agent of another node has said anything since the machine looked (S19). */
export function agentGuards(
  { keys, view }: Place,
  service: ServiceConfig,
  seenUpTo: number,
  target: string | null,
): readonly Guard[] {
  return service.nodes.flatMap(({ id, agent }): readonly Guard[] => {
    if (agent === null || id === target) return [];
    const key = keys.agent(service.id, id);
    const entry = view.get(key);
    const isSeen = entry !== undefined && entry.version <= seenUpTo;
    return [isSeen ? { kind: 'version', key, version: entry.version } : { kind: 'absent', key }];
  });
}

/** What cannot be read may say anything. */
function isActive(text: string): boolean {
  try {
    const { role, running } = JSON.parse(text) as { readonly role?: unknown; readonly running?: unknown };
    return role === 'active' || role === 'starting' || running === true;
  } catch {
    return true;
  }
}
