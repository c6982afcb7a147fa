// Restart in place: before a service moves, its node may get another chance. Under the same epoch and grant the instance is
// stopped and started; what does not come back is failed over (S36: a budget of its own).
import type { NodeId } from '../base/ids.ts';
import { createOperation } from './create-operation.ts';
import { rememberAge } from './node-failures.ts';
import type { MachineState } from './service-state.ts';
import { enter, operationIn, patchOperation, patchService, type Transition } from './transition.ts';

/** Whether the active node, agreed down, should be restarted rather than left. */
export function mayRestart(state: MachineState, active: NodeId): boolean {
  const { rules, service, grant } = state;
  const node = rules.nodes.find(({ id }) => id === active);
  const crumb = state.breadcrumbs[active];
  const isGranted = grant?.node === active && !grant.revoked && (!rules.exclusive || crumb?.kind === 'maybe');
  if (node === undefined || !isGranted) return false;
  if (node.actions.start === null || node.actions.stop === null) return false;
  // A host that nobody reaches would only cost time: fencing begins at once.
  if (state.local.view.nodes[active]?.reach === 'unreached') return false;
  // S19 holds for this start too; seeking proofs is the business of a failover.
  return service.restarts.length < rules.restart.attempts && othersAreDown(state, active);
}

function othersAreDown(state: MachineState, active: NodeId): boolean {
  if (!state.rules.exclusive) return true;
  return state.rules.nodes.every(({ id }) => {
    const kind = state.breadcrumbs[id]?.kind;
    const answers = (state.local.view.nodes[id]?.answering.length ?? 0) > 0;
    return id === active || (!answers && (kind === 'down' || kind === 'joining'));
  });
}

export function createRestart(t: Transition, active: NodeId, reason: string): void {
  createOperation(t, {
    kind: 'restart',
    from: active,
    to: active,
    reason,
    actor: 'oneup',
    rules: ['S36', 'S12'],
    evidence: { votes: t.state.local.view.nodes[active]?.votes ?? [] },
  });
}

/** PLAN of a restart: counted with its first effect, which is the stop (S36). */
export function beginRestart(t: Transition): true {
  const op = operationIn(t);
  patchService(t, { restarts: [...t.state.service.restarts, { opId: op.opId, agedMs: 0 }] });
  rememberAge(t, op.opId);
  patchOperation(t, { epoch: t.state.grant?.epoch ?? null, pastReturn: true });
  enter(t, 'START_NEW', `restart ${op.to} in place`);
  return true;
}
