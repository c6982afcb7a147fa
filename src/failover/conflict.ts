// Several instances of an exclusive service answer: whoever holds the grant is kept, the others are stopped, then fenced.
// Where nobody holds it, all are stopped, or everything is left alone, as the owner of the service has chosen.
import type { NodeId } from '../base/ids.ts';
import { generalRefusal } from './automatic-rules.ts';
import { createOperation } from './create-operation.ts';
import type { Refusal } from './refusal.ts';
import type { MachineState } from './service-state.ts';
import { markActedOn } from './sweep.ts';
import { isSurelyActive, saysActive } from './swept-status.ts';
import { patchLocal, patchOperation, type Transition } from './transition.ts';
import { isSeenByMost } from './view.ts';

/** Nodes that answer as active, or say so themselves; more than one is a conflict in an exclusive service. */
export function conflicting(state: MachineState): readonly NodeId[] {
  if (!state.rules.exclusive) return [];
  const running = state.rules.nodes.map(({ id }) => id).filter((id) => isAnswering(state, id) || saysActive(state, id));
  return running.length > 1 ? running : [];
}

function isAnswering({ local }: MachineState, node: NodeId): boolean {
  return (local.view.nodes[node]?.answering.length ?? 0) > 0;
}

/** `a and b answer as active`, or whose word it is that a node is active which nobody sees. */
function tellRunning(state: MachineState, running: readonly NodeId[]): string {
  const seen = running.filter((id) => isAnswering(state, id));
  const unseen = running.filter((id) => !seen.includes(id));
  const answers = `${seen.join(' and ')} ${seen.length === 1 ? 'answers' : 'answer'} as active`;
  const say = `the status of ${unseen.join(' and ')} says active`;
  if (unseen.length === 0) return answers;
  return seen.length === 0 ? say : `${answers}, and ${say}`;
}

export function conflictRefusal(state: MachineState): Refusal | null {
  const running = conflicting(state);
  if (running.length === 0) return null;
  const { active } = state.service;
  return {
    rule: 'conflict.several-running',
    reason: tellRunning(state, running),
    remedy:
      active !== null && running.includes(active)
        ? `${active} holds the grant and is kept; make sure that the others stop`
        : `Stop all but one, then take that one over with oneup adopt ${state.rules.id}`,
  };
}

/** Begins once the conflict has lasted longer than any look that could be behind the times. */
export function considerConflict(t: Transition): boolean {
  const kept = keptHolder(t.state);
  const running = actedOn(t.state, kept);
  const since = running.length > 0 ? (t.state.local.conflictSinceMonoMs ?? t.now.monoMs) : null;
  if (since !== t.state.local.conflictSinceMonoMs) patchLocal(t, { conflictSinceMonoMs: since });
  if (since === null || t.now.monoMs - since < patienceMs(t.state)) return false;
  if (kept === null && !mayStopAll(t.state)) return false;
  if (generalRefusal(t.state, kept, t.now) !== null) return false;
  createOperation(t, {
    kind: 'conflict',
    from: null,
    to: kept,
    reason: `${tellRunning(t.state, running)}${kept === null ? '' : `, ${kept} holds the grant`}`,
    actor: 'oneup',
    rules: ['S17', 'S19'],
    evidence: { running, votes: t.state.local.view.nodes, statuses: t.state.service.statuses },
  });
  // What their own status says is in no view, so the operation is told whom it is about.
  const clear = running.filter((id) => id !== kept);
  patchOperation(t, { clear });
  markActedOn(t, clear);
  return true;
}

/** The active, where it holds the grant and most see it answer: the one that stays. */
function keptHolder({ service, grant, local }: MachineState): NodeId | null {
  const { active } = service;
  return active !== null && grant?.node === active && isSeenByMost(local.view.nodes[active]) ? active : null;
}

/**
 * One prober is enough to tell a person; to stop and fence, most must see it, or the node must say it twice (S24, I8). Where nobody
 * holds the grant nobody is spared, so the word of a status would stop the one that serves: only what most see counts there (S25).
 */
function actedOn(state: MachineState, kept: NodeId | null): readonly NodeId[] {
  const seen = conflicting(state).filter(
    (id) => isSeenByMost(state.local.view.nodes[id]) || (kept !== null && isSurelyActive(state, id)),
  );
  return seen.length > 1 ? seen : [];
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
