// Several instances of an exclusive service answer: whoever holds the grant is kept, the others are stopped, then fenced.
// Where nobody holds it, all are stopped, or everything is left alone, as the owner of the service has chosen.
import type { NodeId } from '../base/ids.ts';
import { generalRefusal } from './automatic-rules.ts';
import { createOperation } from './create-operation.ts';
import type { Refusal } from './refusal.ts';
import type { MachineState } from './service-state.ts';
import { patchLocal, type Transition } from './transition.ts';
import { isSeenByMost } from './view.ts';

/** Nodes that answer as active; more than one is a conflict in an exclusive service. */
export function conflicting(state: MachineState): readonly NodeId[] {
  if (!state.rules.exclusive) return [];
  const answering = state.rules.nodes.filter(({ id }) => (state.local.view.nodes[id]?.answering.length ?? 0) > 0);
  return answering.length > 1 ? answering.map(({ id }) => id) : [];
}

export function conflictRefusal(state: MachineState): Refusal | null {
  const running = conflicting(state);
  if (running.length === 0) return null;
  const { active } = state.service;
  return {
    rule: 'conflict.several-running',
    reason: `${running.join(' and ')} answer as active`,
    remedy:
      active !== null && running.includes(active)
        ? `${active} holds the grant and is kept; make sure that the others stop`
        : `Stop all but one, then take that one over with oneup adopt ${state.rules.id}`,
  };
}

/** Begins once the conflict has lasted longer than any look that could be behind the times. */
export function considerConflict(t: Transition): boolean {
  // One prober is enough to tell a person; to stop and fence, most must see it (S24, I8).
  const seen = conflicting(t.state).filter((id) => isSeenByMost(t.state.local.view.nodes[id]));
  const running = seen.length > 1 ? seen : [];
  const since = running.length > 0 ? (t.state.local.conflictSinceMonoMs ?? t.now.monoMs) : null;
  if (since !== t.state.local.conflictSinceMonoMs) patchLocal(t, { conflictSinceMonoMs: since });
  if (since === null || t.now.monoMs - since < patienceMs(t.state)) return false;
  const { active } = t.state.service;
  const kept = active !== null && running.includes(active) && t.state.grant?.node === active ? active : null;
  if (kept === null && !mayStopAll(t.state)) return false;
  if (generalRefusal(t.state, kept, t.now) !== null) return false;
  createOperation(t, {
    kind: 'conflict',
    from: null,
    to: kept,
    reason: `${running.join(' and ')} answer as active${kept === null ? '' : `, ${kept} holds the grant`}`,
    actor: 'oneup',
    rules: ['S17', 'S19'],
    evidence: { running, votes: t.state.local.view.nodes },
  });
  return true;
}

/** Nobody holds the grant, and the service is oneup's own: what it never started or adopted is a person's to sort out. */
function mayStopAll({ service, rules }: MachineState): boolean {
  // A dead active beside several others is a failover, which stops them all the same.
  return service.active === null && service.epoch > 0 && rules.conflict === 'stopAll';
}

function patienceMs({ rules }: MachineState): number {
  const times = rules.nodes.map((node) => node.intervalMs + 2 * node.timeoutMs + 4 * node.recheckMs);
  return Math.max(0, ...times);
}
