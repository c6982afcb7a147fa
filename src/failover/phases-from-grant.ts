// From GRANT to VERIFY_NEW, and what happens when the target fails: the part in which another node becomes active.
import { assertNever } from '../base/assert-never.ts';
import type { NodeId } from '../base/ids.ts';
import { candidates } from './candidates.ts';
import { doubtful } from './create-operation.ts';
import { failedAfter, failedTarget } from './failed-nodes.ts';
import type { Question } from './intent.ts';
import { forgetLease } from './lease.ts';
import type { Answer, IntentOutcome } from './machine-event.ts';
import { noteFailure } from './node-failures.ts';
import type { Operation } from './operation.ts';
import { hasWayBack, isAutomatic } from './operation-kinds.ts';
import { beginEffects, nodeRules } from './phases-before-grant.ts';
import { withResyncDue } from './planned-resync.ts';
import { onEachRecord } from './second-record.ts';
import type { MachineState } from './service-state.ts';
import {
  ask,
  block,
  enter,
  finish,
  intend,
  note,
  operationIn,
  patchLocal,
  patchOperation,
  patchService,
  questionKey,
  raiseStep,
  setBreadcrumb,
  type Transition,
} from './transition.ts';
import { tooFewVotes } from './valid-votes.ts';

/** A start that was cut off with its controller is stopped and begun anew this often, then the target has failed (S33). */
const START_ATTEMPTS_MAX = 3;

/** GRANT and the START INTENT are one commit, guarded by the `down` records of every other node (S11, S19). */
export function advanceGrant(t: Transition): boolean {
  const op = operationIn(t);
  const to = target(t);
  const epoch = t.state.service.epoch + 1;
  // By a person's word it may be down since before the operation: then it is not active, and DNS follows no grant to it (I3).
  const { active } = t.state.service;
  const isDown = active !== null && op.rules.exclusive && t.state.breadcrumbs[active]?.kind === 'down';
  patchService(t, isDown ? { epoch, active: null } : { epoch });
  const wasDown = t.state.breadcrumbs[to]?.kind === 'down';
  setBreadcrumb(t, to, { kind: 'maybe', epoch, wasDown });
  forgetLease(t, to);
  t.state = { ...t.state, grant: { node: to, epoch, revoked: false } };
  patchOperation(t, { epoch, startAttempts: 0 });
  if (op.rules.cutover === 'early') {
    // The wish of dns-desire.ts follows from this; a target that fails gives the name back (S28).
    patchService(t, { early: { target: to, before: t.state.service.dns.confirmed?.node ?? null } });
  }
  note(t, `Epoch ${epoch} is granted to ${to}`, { rules: ['S11', 'S19'], evidence: { node: to, epoch } });
  enter(t, 'START_NEW', `epoch ${epoch} to ${to}`);
  beginEffects(t);
  const timeoutMs = nodeRules(op, to).actions.start;
  if (op.kind === 'adopt') {
    patchOperation(t, { startIntended: true });
    intend(t, { kind: 'adopt', node: to, step: raiseStep(t), epoch }, `Record ${to} as active`);
  } else if (timeoutMs === null) enterVerify(t, `node ${to} has no start action`);
  else if (op.stopsFirst) note(t, `${to} is stopped before it is started`, { rules: ['S33'] });
  else intendStart(t, to, epoch, timeoutMs);
  return true;
}

function intendStart(t: Transition, node: NodeId, epoch: number, timeoutMs: number): void {
  const { startAttempts } = operationIn(t);
  patchOperation(t, { startIntended: true, startAttempts: startAttempts + 1 });
  // Whatever was recorded since GRANT: from this commit on the node may be running (S11).
  if (t.state.breadcrumbs[node]?.kind !== 'maybe') setBreadcrumb(t, node, { kind: 'maybe', epoch });
  intend(t, { kind: 'start', node, step: raiseStep(t), epoch, timeoutMs }, `Start ${node}, at most ${timeoutMs} ms`);
}

function target(t: Transition): NodeId {
  const { to, opId } = operationIn(t);
  if (to === null) throw new TypeError(`Cannot start: operation ${opId} has no target`);
  return to;
}

/** Reached when no effect is in flight: before a restart's stop, after a stop or a start that was cut off, after a takeover. */
export function advanceStartNew(t: Transition): boolean {
  const op = operationIn(t);
  const to = target(t);
  const timeoutMs = nodeRules(op, to).actions.start;
  if (op.epoch === null || (timeoutMs === null && op.kind !== 'adopt'))
    enter(t, 'VERIFY_NEW', `node ${to} has no start action`);
  else if (op.stopsFirst) stopBeforeStart(t, to);
  else startAgain(t, to, op.epoch, timeoutMs);
  return true;
}

/** Every START INTENT, and an adoption, rests on the proofs of the moment; what has become doubtful since GRANT is proven anew (S11, S19). */
function startAgain(t: Transition, node: NodeId, epoch: number, timeoutMs: number | null): void {
  const op = operationIn(t);
  const inDoubt = doubtful(t.state, op);
  if (!isGranted(t.state, node, epoch)) failTarget(t, `the grant of ${node} has ended`);
  else if (inDoubt.length === 0 && timeoutMs !== null && op.kind !== 'adopt') intendStart(t, node, epoch, timeoutMs);
  else if (inDoubt.length === 0)
    intend(t, { kind: 'adopt', node, step: raiseStep(t), epoch }, `Record ${node} as active again`);
  else if (op.kind === 'restart') failTarget(t, `the proof of ${inDoubt.join(', ')} has become doubtful`);
  else enter(t, 'CONFIRM_DOWN', `the proof of ${inDoubt.join(', ')} has become doubtful`);
}

/** A node that was drained and is active again after all must serve again. */
function enterVerify(t: Transition, why: string): void {
  const op = operationIn(t);
  const isBack = op.to === op.from || op.kind === 'adopt';
  const isDrained = op.drained && isBack && nodeRules(op, target(t)).actions.undrain !== null;
  enter(t, isDrained ? 'UNDRAIN' : 'VERIFY_NEW', why);
}

/** S11: nothing starts under a grant that was revoked, or of which a person said that it is over. */
function isGranted({ grant, breadcrumbs, rules }: MachineState, node: NodeId, epoch: number): boolean {
  const isOwn = grant?.node === node && grant.epoch === epoch && !grant.revoked;
  return isOwn && (!rules.exclusive || breadcrumbs[node]?.kind !== 'down');
}

export function resultStartNew(t: Transition, outcome: IntentOutcome): void {
  const op = operationIn(t);
  const to = target(t);
  if (outcome.kind === 'done') {
    return enterVerify(t, `node ${to}: ${outcome.reason}`);
  }
  // What comes next is intended by advanceStartNew, so that a mode can hold the operation in between (S35).
  if (outcome.kind === 'killed' && op.kind === 'adopt') return;
  if (outcome.kind === 'killed' && op.startAttempts < START_ATTEMPTS_MAX && nodeRules(op, to).actions.stop !== null) {
    // S33: the script ended with its controller and may have done half of its work: stop, then start with a new step.
    note(t, `The start of ${to} was cut off: ${outcome.reason}`, { rules: ['S33'] });
    patchOperation(t, { stopsFirst: true });
    return;
  }
  failTarget(t, `start of ${to} ${outcome.kind}: ${outcome.reason}`);
}

function stopBeforeStart(t: Transition, node: NodeId): void {
  const timeoutMs = nodeRules(operationIn(t), node).actions.stop;
  if (timeoutMs === null) return failTarget(t, `node ${node} has no stop action, so it is not started again`);
  beginEffects(t);
  intend(t, { kind: 'stop', node, step: raiseStep(t), timeoutMs }, `Stop ${node} before starting it anew`);
}

/** The stop between two attempts of a start (S33). */
export function resultStopBeforeStart(t: Transition, outcome: IntentOutcome): void {
  const to = target(t);
  if (outcome.kind === 'killed') return;
  if (outcome.kind === 'done') patchOperation(t, { stopsFirst: false });
  else failTarget(t, `stop of ${to} before a new start ${outcome.kind}: ${outcome.reason}`);
}

export function advanceVerifyNew(t: Transition): boolean {
  const op = operationIn(t);
  const to = target(t);
  const isSeen = t.state.local.view.nodes[to]?.verified.kind === 'agreed';
  if (isSeen && nodeRules(op, to).actions.start === null) return succeed(t, 'the quorum sees it up');
  const unseen = tooFewVotes(t.state, to);
  if (unseen === null && op.blocked?.rule === 'S24.quorum-pending') return verifyAgain(t);
  if (t.now.monoMs - t.state.local.opPhaseSinceMonoMs >= op.rules.verifyTimeoutMs) {
    if (unseen !== null) {
      // S24: too few look at it, which says nothing about the target; it is neither stopped nor answered with.
      block(t, unseen);
      return false;
    }
    const what = isSeen ? 'its status did not say active' : 'the quorum did not see it up';
    failTarget(t, `node ${to}: ${what} within ${op.rules.verifyTimeoutMs} ms of its start`);
    return true;
  }
  if (isSeen && t.now.monoMs >= t.state.local.statusRetryAtMonoMs) ask(t, statusQuestion(op, to));
  return false;
}

/** The probers are back and have the whole time for their looks. */
function verifyAgain(t: Transition): true {
  patchOperation(t, { blocked: null });
  patchLocal(t, { opPhaseSinceMonoMs: t.now.monoMs });
  return true;
}

function statusQuestion(op: Operation, node: NodeId): Question {
  return { kind: 'status', node, epoch: op.epoch ?? 0 };
}

/** S25: besides the quorum, the node itself must say that it is active with this epoch, where its driver can ask. */
export function answerVerifyNew(t: Transition, question: string, answer: Extract<Answer, { kind: 'status' }>): void {
  const { op } = t.state;
  // A late answer may find that the operation has ended, or another epoch of the same node.
  if (op === null || op.phase !== 'VERIFY_NEW' || op.to === null) return;
  if (question !== questionKey(statusQuestion(op, op.to))) return;
  if (t.state.local.view.nodes[answer.node]?.verified.kind !== 'agreed') return;
  switch (answer.role) {
    case 'active':
      if (answer.epoch === op.epoch) succeed(t, `the quorum sees it up, and it is active with epoch ${answer.epoch}`);
      else failTarget(t, `node ${answer.node} is active with epoch ${answer.epoch}, not ${op.epoch}`);
      return;
    case 'unknown':
      succeed(t, `the quorum sees it up; its driver does not know its role: ${answer.reason}`);
      return;
    case 'starting':
      patchLocal(t, { statusRetryAtMonoMs: t.now.monoMs + nodeRules(op, answer.node).recheckMs });
      return;
    case 'standby':
    case 'stopped':
      failTarget(t, `the probers see ${answer.node} up, but its status is ${answer.role}: ${answer.reason}`);
      return;
    default:
      assertNever(answer.role);
  }
}

/** The target is the active node from here on; the operation's DNS part goes on as the tail (S10). */
function succeed(t: Transition, why: string): true {
  const op = operationIn(t);
  const to = target(t);
  const failed =
    op.kind === 'restart' ? t.state.service.failed : failedAfter(t, isAutomatic(op) && !op.rollback ? op.from : null);
  patchService(t, {
    active: to,
    settling: true,
    failed: withResyncDue(t, without(failed, to)),
    nodeMaintenance: without(t.state.service.nodeMaintenance, to),
    early: null,
    awaitsOperator: false,
  });
  forgetWorkedOn(t);
  if (op.kind === 'restart') {
    // The name, the epoch and the grant are what they were.
    patchLocal(t, { stableSinceMonoMs: null });
    finish(t, 'done', `${to} runs again where it was: ${why}`);
    return true;
  }
  enter(t, 'CUTOVER', `node ${to}: ${why}`);
  if (t.state.tail !== null) finish(t, 'done', 'superseded by the next operation', 'tail');
  patchLocal(t, {
    tailPhaseSinceMonoMs: t.state.local.opPhaseSinceMonoMs,
    stableSinceMonoMs: null,
    propagation: null,
  });
  onEachRecord(t, (record) => patchLocal(record, { dnsPause: null, dnsFailures: 0 }));
  const tail = operationIn(t);
  t.state = { ...t.state, op: null, tail };
  patchService(t, { lastOpId: tail.opId });
  return true;
}

/** People work on nodes in maintenance: a proof that an operation gained there lasts no longer than it (S35, S19). */
function forgetWorkedOn(t: Transition): void {
  for (const node of Object.keys(t.state.service.nodeMaintenance)) {
    if (t.state.breadcrumbs[node]?.kind !== 'down') continue;
    setBreadcrumb(t, node, { kind: 'unknown', why: 'people work there since its proof' });
  }
}

/** Marks of a node that has become active are settled: it is neither failed nor worked on. */
export function without<T>(marks: Readonly<Record<NodeId, T>>, node: NodeId): Readonly<Record<NodeId, T>> {
  return Object.fromEntries(Object.entries(marks).filter(([id]) => id !== node));
}

export function failTarget(t: Transition, why: string): void {
  const { failure } = operationIn(t);
  patchOperation(t, { failure: failure === null ? why : `${failure}; ${why}` });
  enter(t, 'TARGET_FAILED', why);
}

/** A failed target with a START INTENT is stopped, and fenced unless the stop is acknowledged, before anything else (S20). */
export function advanceTargetFailed(t: Transition): boolean {
  const op = operationIn(t);
  const failed = target(t);
  if (op.kind === 'adopt') {
    setBreadcrumb(t, failed, { kind: 'unknown', why: op.failure ?? 'adoption failed' });
    finish(t, 'failed', `${op.failure}; nothing was stopped`);
    return true;
  }
  if (op.kind === 'restart') {
    // Still the active node on record and still down, so that a failover follows, which stops or fences it first (S20).
    finish(t, 'failed', op.failure ?? 'it did not come back');
    return true;
  }
  noteFailure(t, failed);
  patchService(t, { failed: { ...failedAfter(t, null), [failed]: failedTarget(op) } });
  const tried = [...op.tried, failed];
  // S21: what may run twice needs no proof, so a failed target is left to its own devices.
  const clear = op.rules.exclusive ? [failed] : [];
  const canRollBack = hasWayBack(op) && !op.rollback && op.from !== null && !op.fenced.includes(op.from);
  const [candidate = null] = isAutomatic(op) ? candidates(t.state, [...tried, op.from ?? '']).eligible : [];
  const to = canRollBack ? op.from : candidate;
  patchOperation(t, {
    tried,
    to,
    rollback: op.rollback || canRollBack,
    startIntended: false,
    stopsFirst: false,
    clear,
  });
  if (canRollBack) enter(t, 'STOP_OLD', `${failed} failed; roll back to ${op.from}`);
  else if (candidate !== null) enter(t, 'PRECHECK', `${failed} failed; next candidate ${candidate}`);
  else enter(t, 'STOP_OLD', `${failed} failed; no candidate is left`);
  return true;
}
