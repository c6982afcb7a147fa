// Maintenance that should be over by its own word: it is told, and nothing begins by itself (S35).
import type { Now } from '../base/clock.ts';
import type { NodeId } from '../base/ids.ts';
import type { Refusal } from './refusal.ts';
import type { MachineState, Maintenance, ServiceRecord } from './service-state.ts';
import { patchLocal, type Transition } from './transition.ts';

/** Notes when it began, so that its time is measured by this clock alone (S1); `node` null for the whole service. */
export function noteMaintenanceBegins(t: Transition, node: NodeId | null): void {
  patchLocal(t, { firstSeenMonoMs: { ...t.state.local.firstSeenMonoMs, [ageKey(node)]: t.now.monoMs } });
}

/** For the service, or for this one node; null while it lasts or when there is none. */
export function maintenanceExpired(state: MachineState, node: NodeId | null, now: Now): Refusal | null {
  const { maintenance, nodeMaintenance } = state.service;
  const ofNode = node === null ? undefined : nodeMaintenance[node];
  if (maintenance !== null && isOver(state, maintenance, { node: null, now })) return refusal(state, maintenance, null);
  return ofNode !== undefined && isOver(state, ofNode, { node, now }) ? refusal(state, ofNode, node) : null;
}

type At = { readonly node: NodeId | null; readonly now: Now };

function isOver({ local }: MachineState, { expiresAfterMs }: Maintenance, { node, now }: At): boolean {
  return now.monoMs - (local.firstSeenMonoMs[ageKey(node)] ?? local.termSinceMonoMs) > expiresAfterMs;
}

/** When each maintenance began, as the last controller wrote its age down, on this controller's clock. */
export function maintenanceAges(
  { maintenance, nodeMaintenance }: ServiceRecord,
  monoMs: number,
): Record<string, number> {
  const known: readonly (readonly [NodeId | null, Maintenance])[] = [
    ...(maintenance === null ? [] : [[null, maintenance] as const]),
    ...Object.entries(nodeMaintenance),
  ];
  return Object.fromEntries(known.map(([node, { agedMs = 0 }]) => [ageKey(node), monoMs - agedMs]));
}

/** The records with ages that are older by `stepMs` written down anew; null when none is. */
export function agedMaintenance(
  { service, local }: MachineState,
  { now, stepMs }: { readonly now: Now; readonly stepMs: number },
): Pick<ServiceRecord, 'maintenance' | 'nodeMaintenance'> | null {
  const aged = (entry: Maintenance, node: NodeId | null): Maintenance => {
    const ageMs = Math.floor(now.monoMs - (local.firstSeenMonoMs[ageKey(node)] ?? now.monoMs));
    return ageMs - (entry.agedMs ?? 0) >= stepMs ? { ...entry, agedMs: ageMs } : entry;
  };
  const maintenance = service.maintenance === null ? null : aged(service.maintenance, null);
  const nodes = Object.entries(service.nodeMaintenance).map(([node, entry]) => [node, aged(entry, node)] as const);
  const isSame =
    maintenance === service.maintenance && nodes.every(([node, entry]) => entry === service.nodeMaintenance[node]);
  return isSame ? null : { maintenance, nodeMaintenance: Object.fromEntries(nodes) };
}

const AGE_PREFIX = 'maintenance:';

function ageKey(node: NodeId | null): string {
  return `${AGE_PREFIX}${node ?? ''}`;
}

export function isMaintenanceAge(key: string): boolean {
  return key.startsWith(AGE_PREFIX);
}

function refusal(state: MachineState, { reason }: Maintenance, node: NodeId | null): Refusal {
  const option = node === null ? '' : ` --node ${node}`;
  return {
    rule: 'S35.maintenance-expired',
    reason: `maintenance${node === null ? '' : ` of node ${node}`} has expired: ${reason}`,
    remedy: `End it with oneup maintenance off ${state.rules.id}${option}`,
  };
}
