// Where a fence may be fired to test it: at a standby that nobody works on, never at the node that serves (S36). Asked when a
// person asks for it, and again before each level, because the service may have changed meanwhile.
import type { NodeId } from '../base/ids.ts';
import type { Refusal } from './refusal.ts';
import type { MachineState } from './service-state.ts';

/** Why the ladder of this node may not be fired now; null when it may. The node is one of the service. */
export function fenceTestRefusal(state: MachineState, node: NodeId): Refusal | null {
  const { rules, service, breadcrumbs } = state;
  const isHolder = holds(state, node);
  if (isHolder) {
    return {
      rule: 'node.is-active',
      reason: `node ${node} is active or holds the grant, and its fence would turn the service off`,
      remedy: `Move the service first with oneup switchover ${rules.id}, then test the fence of ${node}`,
    };
  }
  if (service.active === null) {
    return {
      rule: 'service.unassigned',
      reason: `no node of ${rules.id} is active, so ${node} may be the next that is needed`,
      remedy: `Start the service with oneup switchover ${rules.id}, then test the fence of a standby`,
    };
  }
  const others = state.local.view.hostServes?.[node] ?? [];
  if (others.length > 0) {
    const names = others.join(', ');
    return {
      rule: 'S36.host-serves',
      reason: `the machine of node ${node} serves ${names} too, and the fence may switch all of it off`,
      remedy: `Move ${names} to another machine first with oneup switchover, then test the fence of ${node}`,
    };
  }
  const unwell = unwellActive(state, service.active);
  if (unwell !== null) return unwell;
  const seenBy = state.local.view.nodes[node]?.answering.map(({ prober }) => prober) ?? [];
  if (seenBy.length > 0) {
    return {
      rule: 'S17.still-answering',
      reason: `node ${node} answers as active, seen by ${seenBy.join(', ')}`,
      remedy: 'Stop the instance that runs there',
    };
  }
  const worked = service.nodeMaintenance[node];
  if (worked !== undefined) {
    return {
      rule: 'S35.maintenance',
      reason: `node ${node} is in maintenance by ${worked.actor}: ${worked.reason}`,
      remedy: `End it with oneup maintenance off ${rules.id} --node ${node}`,
    };
  }
  if (breadcrumbs[node]?.kind === 'maybe') {
    return {
      rule: 'S17.proof-missing',
      reason: `node ${node} was started and is not proven down, so it may be running`,
      remedy: `See oneup why ${rules.id}; when you are sure that it is down: oneup confirm-down ${rules.id} --node ${node} --reason "..."`,
    };
  }
  return null;
}

/** While the active may be about to fail, every other node may be the one that has to take over, also by hand (S36). */
function unwellActive({ rules, local }: MachineState, active: NodeId): Refusal | null {
  const view = local.view.nodes[active];
  const why = (() => {
    if (view?.down.kind === 'agreed') return 'is agreed down';
    if (view !== undefined && view.suspectedBy.length > 0) return `is suspected by ${view.suspectedBy.join(', ')}`;
    return view?.up.kind === 'agreed' ? null : 'is not agreed to be up';
  })();
  if (why === null) return null;
  return {
    rule: 'S36.active-unwell',
    reason: `the active node ${active} ${why}, so a standby may be needed at any moment`,
    remedy: `Wait until ${active} is up again, or move the service with oneup switchover ${rules.id}; then test the fence`,
  };
}

function holds({ service, grant }: MachineState, node: NodeId): boolean {
  return service.active === node || (grant?.node === node && !grant.revoked);
}
