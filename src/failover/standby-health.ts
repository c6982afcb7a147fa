// Warm standbys that could not take over: a quorum holds that one does not pass what a healthy standby passes (S25). Told while
// nothing needs it; nobody moves there by plan, and an automatic failover takes it last.
import type { NodeId } from '../base/ids.ts';
import type { Refusal } from './refusal.ts';
import type { MachineState } from './service-state.ts';

export const STANDBY_UNHEALTHY = 'S25.standby-unhealthy';

/** Why no planned move goes there. Where nobody is active, whatever can be started is better than nothing. */
export function unhealthyTarget(state: MachineState, node: NodeId): Refusal | null {
  return state.service.active === null ? null : unhealthyStandby(state, node);
}

/** Null for whoever is active. */
export function unhealthyStandby({ service, local, rules }: MachineState, node: NodeId): Refusal | null {
  const seen = local.view.nodes[node]?.standby;
  if (node === service.active || seen?.unhealthy.kind !== 'agreed') return null;
  const { unhealthy, votes } = seen;
  const said = votes.find(({ verdict }) => verdict === 'down')?.reason ?? 'its check fails';
  return {
    rule: STANDBY_UNHEALTHY,
    reason: `standby ${node} would not be usable: ${unhealthy.for.length} of ${votes.length} probers agree that its standby check fails: ${said}`,
    remedy: `Repair the standby; oneup why ${rules.id} shows what each prober sees`,
  };
}

/** Of whom a person should know. What failed, is in maintenance or joins is known not to be ready. */
export function unhealthyStandbys(
  state: MachineState,
): readonly { readonly node: NodeId; readonly refusal: Refusal }[] {
  const { rules, service, breadcrumbs } = state;
  if (service.maintenance !== null) return [];
  return rules.nodes.flatMap(({ id, priority }) => {
    const isKnown = service.failed[id] !== undefined || service.nodeMaintenance[id] !== undefined;
    if (isKnown || priority <= 0 || breadcrumbs[id]?.kind === 'joining' || isWorkedOn(state, id)) return [];
    const refusal = unhealthyStandby(state, id);
    return refusal === null ? [] : [{ node: id, refusal }];
  });
}

/** An operation that makes it something else is no news of its health, and no end of it. */
export function isWorkedOn({ op }: MachineState, node: NodeId): boolean {
  return op !== null && (op.from === node || op.to === node || op.clear.includes(node));
}
