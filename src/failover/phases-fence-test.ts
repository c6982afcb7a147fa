// A fence test on its way: of each level is asked what it says before, then it is fired, whatever the one before has proven. The
// node counts as fenced from the first shot on, so that it comes back by rejoin only, also when the controller dies (S36).
import { formatDuration } from '../base/duration.ts';
import type { NodeId } from '../base/ids.ts';
import { failedNode } from './failed-nodes.ts';
import { fenceTestRefusal } from './fence-test-rules.ts';
import type { Question } from './intent.ts';
import type { Answer, IntentOutcome } from './machine-event.ts';
import type { Finding, Operation } from './operation.ts';
import { recordDown } from './proof.ts';
import {
  ask,
  enter,
  finish,
  intend,
  note,
  operationIn,
  patchOperation,
  patchService,
  questionKey,
  raiseStep,
  type Transition,
} from './transition.ts';

export function advanceFenceTest(t: Transition): boolean {
  const op = operationIn(t);
  const [node] = op.clear;
  if (node === undefined || op.fenceLevel >= endLevel(op, node)) return endTest(t, op);
  const refusal = fenceTestRefusal(t.state, node);
  if (refusal !== null) {
    finish(t, op.pastReturn ? 'failed' : 'aborted', `${refusal.reason}. ${refusal.remedy}`);
    return true;
  }
  if (!isAsked(op)) {
    ask(t, question(node, op.fenceLevel));
    return false;
  }
  const { failed } = t.state.service;
  const why = `its fence was tested by ${op.actor}: ${op.reason}`;
  patchService(t, { failed: { ...failed, [node]: failed[node] ?? failedNode(op, why) } });
  patchOperation(t, { pastReturn: true, fenced: [node] });
  const text = `Fence ${node} to test it, level ${op.fenceLevel + 1} of ${levelsOf(op, node)}`;
  intend(t, { kind: 'fence', node, step: raiseStep(t), level: op.fenceLevel }, text);
  return true;
}

/** Two findings for each level: what it said before, and what came of firing it. */
function isAsked({ findings }: Operation): boolean {
  return findings.length % 2 === 1;
}

function question(node: NodeId, level: number): Question {
  return { kind: 'fenceStatus', node, level };
}

function levelsOf(op: Operation, node: NodeId): number {
  return op.rules.nodes.find(({ id }) => id === node)?.fenceLevels ?? 0;
}

function endLevel(op: Operation, node: NodeId): number {
  return op.onlyLevel === null ? levelsOf(op, node) : op.onlyLevel + 1;
}

/** A level that cannot be asked is fired all the same: one that proves by its exit code has no query. */
export function answerFenceTest(t: Transition, asked: string, answer: Answer): void {
  const { op } = t.state;
  if (op?.kind !== 'fenceTest' || op.phase !== 'FENCE' || isAsked(op) || answer.kind !== 'fenceStatus') return;
  const [node] = op.clear;
  if (node === undefined || asked !== questionKey(question(node, op.fenceLevel))) return;
  const { ok, isOff, reason } = answer;
  const little = isOff ? '; it was off already, so firing it shows little' : '';
  addFinding(t, {
    what: `level ${op.fenceLevel + 1} of ${node} before`,
    ok: ok && !isOff,
    reason: `${reason}${little}`,
  });
}

function addFinding(t: Transition, finding: Finding): void {
  note(t, `${finding.what}: ${finding.reason}`, { rules: ['S18'], evidence: finding });
  patchOperation(t, { findings: [...operationIn(t).findings, finding] });
}

/** A level that does not pass proves nothing and voids nothing: what was proven before stands (S18, S19). */
export function resultFenceTest(t: Transition, outcome: IntentOutcome, node: NodeId, level: number): void {
  const ok = outcome.kind === 'done';
  const tookMs = Math.max(0, t.now.monoMs - t.state.local.opPhaseSinceMonoMs);
  addFinding(t, {
    what: `level ${level + 1} of ${node} fired`,
    ok,
    reason: `${ok ? 'off' : outcome.kind} after ${formatDuration(tookMs)}, ${outcome.reason}`,
  });
  if (outcome.kind === 'killed') return endCutOff(t, node, level);
  const { actor } = operationIn(t);
  if (ok) recordDown(t, node, `fence level ${level + 1} confirmed in a test by ${actor}: ${outcome.reason}`);
  patchOperation(t, { fenceLevel: level + 1 });
  enter(t, 'FENCE', `level ${level + 1} of ${node} ${ok ? 'passed' : `did not pass: ${outcome.reason}`}`);
}

/** Whether the shot hit is not known, and it is not fired again: hours later the node may run, switched on by hand (S12, S33). */
export function endCutOff(t: Transition, node: NodeId, level: number): void {
  const back = `bring it back with oneup rejoin ${operationIn(t).rules.id} --node ${node}, then test again`;
  finish(t, 'failed', `level ${level + 1} of ${node} was cut off with its controller and is not fired again; ${back}`);
}

function endTest(t: Transition, op: Operation): true {
  const fired = op.findings.filter((_, index) => index % 2 === 1);
  const bad = fired.filter(({ ok }) => !ok).map(({ what, reason }) => `${what}: ${reason}`);
  const [node] = op.clear;
  const back = `bring it back with oneup rejoin ${op.rules.id} --node ${node}`;
  const passed = `${fired.length - bad.length} of ${fired.length} fence levels proved ${node} down`;
  if (bad.length === 0) finish(t, 'done', `${passed}; ${back}`);
  else finish(t, 'failed', `${passed} (${bad.join('; ')}); ${back}`);
  return true;
}
