// From PLAN to CONFIRM_DOWN: everything that must be true before another node may be granted the service.
// Each function looks at the state and takes one step; it returns whether it changed anything.
import type { NodeId } from '../base/ids.ts';
import { candidates, notStartable } from './candidates.ts';
import { unproven } from './create-operation.ts';
import { cannotBeNamed } from './dns-hold.ts';
import { isLeaseRunning, revoke } from './lease.ts';
import type { IntentOutcome } from './machine-event.ts';
import { noteFailure, rememberAge } from './node-failures.ts';
import type { Operation } from './operation.ts';
import { isAutomatic } from './operation-kinds.ts';
import { unlessOverridden } from './overrides.ts';
import { advanceCheck } from './phases-check.ts';
import { advanceFenceTest, resultFenceTest } from './phases-fence-test.ts';
import { afterPrecheck, giveUp } from './phases-planned.ts';
import { proveDown } from './proof.ts';
import type { Refusal } from './refusal.ts';
import { beginRestart } from './restart.ts';
import type { NodeRules } from './service-rules.ts';
import type { MachineState } from './service-state.ts';
import { unhealthyTarget } from './standby-health.ts';
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
  raiseStep,
  type Transition,
} from './transition.ts';
import { cannotBeVerified } from './valid-votes.ts';
import { awaitsStandby } from './warm-standby.ts';

/** Rounds of a ladder after which the pause between rounds stops growing. */
const FENCE_BACKOFF_ROUNDS_MAX = 5;

export function nodeRules(op: Operation, node: NodeId): NodeRules {
  const found = op.rules.nodes.find((candidate) => candidate.id === node);
  if (found === undefined) throw new TypeError(`Cannot find node ${node} in the rules of operation ${op.opId}`);
  return found;
}

export function advancePlan(t: Transition): boolean {
  const op = operationIn(t);
  if (op.kind === 'restart') return beginRestart(t);
  if (op.kind === 'check') return moveOn(t, 'PRECHECK', 'only asks, touches nothing');
  if (op.kind === 'fenceTest') return moveOn(t, 'FENCE', 'nothing is started');
  patchOperation(t, { clear: unproven(t.state, op) });
  const isStarting = op.to !== null && op.kind !== 'conflict';
  return moveOn(t, isStarting ? 'PRECHECK' : 'STOP_OLD', isStarting ? `target ${op.to}` : 'nothing is started');
}

export function advancePrecheck(t: Transition): boolean {
  const op = operationIn(t);
  if (op.kind === 'check') return advanceCheck(t);
  if (op.to === null) return moveOn(t, 'STOP_OLD', 'no target');
  const target = nodeRules(op, op.to);
  if (op.kind === 'adopt' || op.rollback) return moveOn(t, 'STOP_OLD', 'not needed');
  // What died leaves no choice; a planned move has one (S25).
  const unhealthy = isAutomatic(op) ? null : unhealthyTarget(t.state, target.id);
  const refusal =
    unlessOverridden(notStartable(t.state, target) ?? unhealthy, op.overrides) ?? cannotFollow(t.state, op);
  if (refusal !== null) return rejectTarget(t, refusal);
  const syncs = target.actions.sync !== null && isAlive(t.state, op.from) && !op.pastReturn;
  const next = syncs ? 'SYNC' : afterPrecheck(t.state, op);
  if (target.actions.precheck === null) return moveOn(t, next, 'no precheck action is configured');
  if (op.overrides.includes('S32.precheck-failed')) return moveOn(t, next, `readiness is set aside: ${op.reason}`);
  const known = t.state.local.prechecks[target.id];
  if (known === undefined || t.now.monoMs - known.atMonoMs > op.rules.precheckMaxAgeMs) {
    ask(t, { kind: 'precheck', node: target.id, timeoutMs: target.actions.precheck });
    return false;
  }
  if (known.ok) return moveOn(t, next, `precheck passed: ${known.reason}`);
  return rejectTarget(t, {
    rule: 'S32.precheck-failed',
    reason: `node ${target.id} is not ready: ${known.reason}`,
    remedy: `Make the node ready; its precheck action says when it is. To move all the same: oneup failover ${op.rules.id} --to ${target.id} --override S32.precheck-failed`,
  });
}

/** What would leave a planned move without its end: nobody could verify the target, or DNS would not name it (S24, S27). */
function cannotFollow(state: MachineState, op: Operation): Refusal | null {
  return cannotBeVerified(state, op) ?? cannotBeNamed(state, op);
}

function isAlive(state: MachineState, node: NodeId | null): boolean {
  return node !== null && state.local.view.nodes[node]?.up.kind === 'agreed';
}

export function moveOn(t: Transition, phase: Operation['phase'], summary: string): true {
  enter(t, phase, summary);
  return true;
}

/** A target without a START INTENT is skipped, never fenced (S20); a named one is not replaced by somebody else. */
function rejectTarget(t: Transition, refusal: Refusal): true {
  const op = operationIn(t);
  const rejected = op.to;
  note(t, `Target ${rejected} refused: ${refusal.reason}`, { rules: [refusal.rule] });
  const tried = rejected === null ? op.tried : [...op.tried, rejected];
  if (!isAutomatic(op) && !op.pastReturn) {
    patchOperation(t, { tried, blocked: refusal });
    giveUp(t, refusal.reason);
    return true;
  }
  const [next = null] = candidates(t.state, [...tried, ...(op.from === null ? [] : [op.from])]).eligible;
  patchOperation(t, { tried, to: next, failure: refusal.reason });
  if (next === null && !op.pastReturn) {
    finish(t, 'aborted', `no candidate is left, the last refusal: ${refusal.reason}`);
    return true;
  }
  enter(t, next === null ? 'STOP_OLD' : 'PRECHECK', next === null ? 'no candidate is left' : `next candidate ${next}`);
  return true;
}

export function advanceSync(t: Transition): boolean {
  const op = operationIn(t);
  const timeoutMs = op.to === null ? null : nodeRules(op, op.to).actions.sync;
  if (op.to === null || timeoutMs === null) return moveOn(t, afterPrecheck(t.state, op), 'nothing to synchronise');
  intend(t, { kind: 'sync', node: op.to, step: raiseStep(t), timeoutMs }, `Synchronise ${op.to}`);
  return true;
}

export function resultSync(t: Transition, outcome: IntentOutcome): void {
  const op = operationIn(t);
  const isSetAside = op.overrides.includes('S32.precheck-failed');
  if (outcome.kind === 'done') enter(t, afterPrecheck(t.state, op), 'synchronised');
  else if (isSetAside) enter(t, afterPrecheck(t.state, op), `sync ${outcome.kind}: ${outcome.reason}; set aside`);
  else {
    const refusal: Refusal = {
      rule: 'S32.precheck-failed',
      reason: `sync of ${operationIn(t).to} ${outcome.kind}: ${outcome.reason}`,
      remedy: 'Repair the sync action; nothing was stopped',
    };
    rejectTarget(t, refusal);
  }
}

export function advanceStopOld(t: Transition): boolean {
  const op = operationIn(t);
  // The last moment at which nothing has been stopped: the wait for the TTL and the drain may have been long.
  const refusal = cannotFollow(t.state, op);
  if (refusal !== null) return rejectTarget(t, refusal);
  const [node] = op.clear.filter((id) => t.state.breadcrumbs[id]?.kind !== 'down');
  if (node === undefined) return moveOn(t, 'CONFIRM_DOWN', 'every other node has a proof or needs none');
  if (op.clear[0] !== node) {
    patchOperation(t, { clear: op.clear.slice(op.clear.indexOf(node)) });
    return true;
  }
  const rules = nodeRules(op, node);
  const reach = t.state.local.view.nodes[node]?.reach ?? 'unknown';
  if (reach !== 'unreached' && awaitsStandby(t, op, node)) return false;
  patchOperation(t, { fenceLevel: 0, fenceRound: 0 });
  if (rules.leaseProof && t.state.grant?.node === node) {
    beginEffects(t);
    revoke(t, node);
  }
  if (rules.actions.stop === null) return moveOn(t, 'FENCE', `node ${node} has no stop action`);
  if (reach === 'unreached') return moveOn(t, 'FENCE', `no prober reaches the host of ${node}, so stop is not tried`);
  beginEffects(t);
  // A host that answers gets the whole time of its stop action; another one only long enough to make contact.
  const timeoutMs = reach === 'reached' ? rules.actions.stop : Math.min(rules.actions.stop, op.rules.contactTimeoutMs);
  intend(t, { kind: 'stop', node, step: raiseStep(t), timeoutMs }, `Stop ${node}, at most ${timeoutMs} ms`);
  return true;
}

/** The point of no return; cooldown and budget are set by the commit of a failover's first effect (S36). */
export function beginEffects(t: Transition): void {
  const op = patchOperation(t, { pastReturn: true });
  const counted = t.state.service.automaticOps;
  if (!isAutomatic(op) || counted.some((known) => known.opId === op.opId)) return;
  const begun = { opId: op.opId, agedMs: 0 };
  patchService(t, { cooldown: begun, automaticOps: [...counted, begun] });
  rememberAge(t, op.opId);
  if (op.from !== null) noteFailure(t, op.from);
}

export function resultStopOld(t: Transition, outcome: IntentOutcome, node: NodeId, step: number): void {
  if (outcome.kind === 'done') proveDown(t, node, `stop acknowledged for step ${step}`);
  else enter(t, 'FENCE', `stop of ${node} ${outcome.kind}: ${outcome.reason}`);
}

export function advanceFence(t: Transition): boolean {
  const op = operationIn(t);
  if (op.kind === 'fenceTest') return advanceFenceTest(t);
  const [node] = op.clear;
  if (node === undefined) return moveOn(t, 'CONFIRM_DOWN', 'nothing left to fence');
  if (t.state.breadcrumbs[node]?.kind === 'down') {
    patchOperation(t, { clear: op.clear.slice(1) });
    return moveOn(t, 'STOP_OLD', `node ${node} is proven down`);
  }
  const refusal = mayNotFence(t.state, op, node);
  if (refusal !== null && (op.kind === 'rejoin' || op.kind === 'release')) {
    // S10: what only prepares a standby must not hold the place of a failover.
    finish(t, 'failed', `${refusal.reason}. ${refusal.remedy}, then try again`);
    return true;
  }
  if (refusal !== null) {
    if (!isLeaseRunning(t.state, op, node)) block(t, refusal);
    return false;
  }
  if (t.now.monoMs < t.state.local.fenceRetryAtMonoMs) return false;
  beginEffects(t);
  patchOperation(t, { fenced: op.fenced.includes(node) ? op.fenced : [...op.fenced, node] });
  intend(
    t,
    { kind: 'fence', node, step: raiseStep(t), level: op.fenceLevel },
    `Fence ${node}, level ${op.fenceLevel + 1} of ${nodeRules(op, node).fenceLevels}`,
  );
  return true;
}

function mayNotFence(state: MachineState, op: Operation, node: NodeId): Refusal | null {
  const remedy = `Make sure that it is down, then run oneup confirm-down ${op.rules.id} --node ${node} --reason "..."`;
  if (state.service.nodeMaintenance[node] !== undefined) {
    return {
      rule: 'S17.proof-missing',
      reason: `node ${node} is in maintenance and is not fenced automatically`,
      remedy,
    };
  }
  if (op.kind === 'adopt' || op.kind === 'release' || op.kind === 'rejoin') {
    return {
      rule: 'S17.proof-missing',
      reason: `node ${node} did not acknowledge a stop, and ${op.kind} never fences`,
      remedy,
    };
  }
  if (nodeRules(op, node).fenceLevels === 0) {
    return { rule: 'S20.no-fence-ladder', reason: `node ${node} has no fence level that could prove it down`, remedy };
  }
  return null;
}

export function resultFence(t: Transition, outcome: IntentOutcome, node: NodeId, level: number): void {
  const op = operationIn(t);
  if (op.kind === 'fenceTest') return resultFenceTest(t, outcome, node, level);
  if (outcome.kind === 'done') {
    patchOperation(t, { fenceLevel: level + 1, blocked: null });
    proveDown(t, node, `fence level ${level + 1} confirmed: ${outcome.reason}`);
    enter(t, 'STOP_OLD', `node ${node} is fenced`);
    return;
  }
  note(t, `Fence level ${level + 1} of ${node} did not pass: ${outcome.reason}`, { rules: ['S18', 'S20'] });
  if (level + 1 < nodeRules(op, node).fenceLevels) patchOperation(t, { fenceLevel: level + 1 });
  else startNextFenceRound(t, node, `the fence ladder of ${node} did not pass, last answer: ${outcome.reason}`);
}

/** The ladder begins again after a pause; until then the operation is BLOCKED, and nothing starts (S20). */
export function startNextFenceRound(t: Transition, node: NodeId, reason: string): void {
  const op = operationIn(t);
  const pauseMs = op.rules.retryMs * 2 ** Math.min(op.fenceRound, FENCE_BACKOFF_ROUNDS_MAX);
  patchOperation(t, { fenceLevel: 0, fenceRound: op.fenceRound + 1 });
  patchLocal(t, { fenceRetryAtMonoMs: t.now.monoMs + pauseMs });
  block(t, {
    rule: 'S17.proof-missing',
    reason,
    remedy: `The ladder is tried again. If you are sure that ${node} is down: oneup confirm-down ${op.rules.id} --node ${node} --reason "..."`,
  });
}
