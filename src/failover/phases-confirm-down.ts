// CONFIRM_DOWN: the last look before another node is granted the service. Every other node has a proof and nobody sees one of
// them answer; a proof that most probers contradict is void (S17, S19).
import type { NodeId } from '../base/ids.ts';
import { doubtful, mustBeDown, unproven } from './create-operation.ts';
import { failedAfter } from './failed-nodes.ts';
import type { Operation } from './operation.ts';
import { isAutomatic } from './operation-kinds.ts';
import { moveOn, nodeRules, startNextFenceRound } from './phases-before-grant.ts';
import type { Refusal } from './refusal.ts';
import type { MachineState } from './service-state.ts';
import { strayHolder } from './stray-holder.ts';
import {
  block,
  enter,
  finish,
  note,
  operationIn,
  patchOperation,
  patchService,
  setBreadcrumb,
  type Transition,
} from './transition.ts';
import { isSeenByMost } from './view.ts';

export function advanceConfirmDown(t: Transition): boolean {
  const op = operationIn(t);
  const missing = unproven(t.state, op);
  if (missing.length > 0) {
    patchOperation(t, { clear: missing });
    return moveOn(t, 'STOP_OLD', `proof is missing for ${missing.join(', ')}`);
  }
  // Joining nodes need no proof, but an instance that answers there is one too many all the same (S7, S17).
  const [liar] = [...new Set([...mustBeDown(t.state, op), ...joiningAnswering(t.state, op)])].filter(
    (id) => (t.state.local.view.nodes[id]?.answering.length ?? 0) > 0,
  );
  if (liar !== undefined) return stillAnswering(t, liar);
  if (op.kind === 'conflict') return endConflict(t);
  if (op.to !== null && isToBeLookedAt(t, op)) return false;
  const stray = op.to === null ? null : strayHolder(t.state);
  if (stray !== null) {
    block(t, stray);
    return false;
  }
  if (op.to !== null) return moveOn(t, 'GRANT', 'every other node is proven down and none answers');
  if (op.kind === 'rejoin') return moveOn(t, 'RESYNC', `node ${op.from} is proven down`);
  if (op.kind === 'release') finish(t, 'done', `node ${op.from} is stopped and proven down`);
  else {
    // A person tried to start it and chose the node: what comes next is theirs, too.
    const awaitsOperator = !isAutomatic(op) && op.from === null;
    patchService(t, { failed: failedAfter(t, isAutomatic(op) ? op.from : null), awaitsOperator });
    finish(t, 'failed', `no node could be started: ${op.failure ?? 'no candidate'}`);
  }
  return true;
}

/**
 * A target that was started a moment ago was last seen before it came up: that nobody sees it answer says nothing about its stop
 * until the probers have looked once more (S17).
 */
function isToBeLookedAt({ state, now }: Transition, op: Operation): boolean {
  if (op.epoch === null || !op.rules.exclusive) return false;
  const looks = op.tried.map((node) => {
    const { timeoutMs, recheckMs } = nodeRules(op, node);
    return timeoutMs + 2 * recheckMs;
  });
  return now.monoMs - state.local.opPhaseSinceMonoMs < Math.max(0, ...looks);
}

/** The holder of the grant runs alone again; or nobody does, and a person decides what comes next. */
function endConflict(t: Transition): true {
  const { to } = operationIn(t);
  patchService(t, { failed: failedAfter(t, null), awaitsOperator: to === null });
  finish(t, 'done', to === null ? 'every instance is stopped; nobody held the grant' : `${to} runs alone again`);
  return true;
}

function joiningAnswering(state: MachineState, op: Operation): readonly NodeId[] {
  return op.to === null || !op.rules.exclusive ? [] : doubtful(state, op);
}

/** A fence device or stop script that lies is caught here: the proof is void and the next level is tried (S17, I7). */
function stillAnswering(t: Transition, node: NodeId): boolean {
  const op = operationIn(t);
  const rules = nodeRules(op, node);
  const patienceMs = rules.intervalMs + 2 * rules.timeoutMs + 4 * rules.recheckMs;
  if (t.now.monoMs - t.state.local.opPhaseSinceMonoMs < patienceMs) return false;
  const view = t.state.local.view.nodes[node];
  if (!isSeenByMost(view) && t.state.breadcrumbs[node]?.kind === 'down') {
    block(t, seenByFew(op, node, view?.answering.map(({ prober }) => prober) ?? []));
    return false;
  }
  setBreadcrumb(t, node, { kind: 'unknown', why: 'still answers as active after its proof' });
  note(t, `Node ${node} still answers as active: its proof is void`, { rules: ['S17', 'S19'] });
  patchOperation(t, { clear: [node] });
  const level = op.fenced.includes(node) ? op.fenceLevel : 0;
  patchOperation(t, { fenceLevel: level });
  enter(t, 'FENCE', `node ${node} still answers as active`);
  if (level >= rules.fenceLevels) {
    startNextFenceRound(t, node, `node ${node} still answers as active after every proof that can be had`);
  }
  return true;
}

/** No start beside it (S17), and no fence on the word of a few (S24, I8): a person looks, or nobody sees it any more. */
function seenByFew(op: Operation, node: NodeId, probers: readonly string[]): Refusal {
  return {
    rule: 'S17.still-answering',
    reason: `node ${node} is proven down, but ${probers.join(', ')} still sees it answer`,
    remedy: `Look at that prober and at the node; it goes on when nobody sees it: oneup why ${op.rules.id}`,
  };
}
