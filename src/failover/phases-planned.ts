// What only planned moves do before anything is stopped: lower the TTL and wait the old one out, let the old node finish its
// work, and undo both when the move is given up (TTL_LOWER, DRAIN, UNDRAIN).
import { waitForPeriodMs } from '../base/clock-bounds.ts';
import type { NodeId } from '../base/ids.ts';
import type { IntentOutcome } from './machine-event.ts';
import type { Operation, OperationKind, Phase } from './operation.ts';
import { asSecond } from './second-record.ts';
import type { NodeRules } from './service-rules.ts';
import type { MachineState } from './service-state.ts';
import {
  dropIntent,
  enter,
  finish,
  intend,
  operationIn,
  patchOperation,
  raiseStep,
  type Transition,
} from './transition.ts';

const PLANNED: readonly OperationKind[] = ['switchover', 'failback', 'drill'];
/** A provider that does not take the short TTL in this time keeps a planned move from beginning. */
const TTL_PATIENCE_MS = 60_000;

/** The phase after the target is known to be ready. */
export function afterPrecheck(state: MachineState, op: Operation): Phase {
  if (!PLANNED.includes(op.kind) || op.pastReturn || op.from === null || isDead(state, op)) return 'STOP_OLD';
  return lowersTtl(state, op) ? 'TTL_LOWER' : beforeStop(op);
}

function beforeStop(op: Operation): Phase {
  return limitOf(op, op.from, 'drain') === null ? 'STOP_OLD' : 'DRAIN';
}

/** The old node has died meanwhile: nothing is left to wait for. */
function isDead({ local }: MachineState, { from }: Operation): boolean {
  return from !== null && local.view.nodes[from]?.down.kind === 'agreed';
}

/** Ends what a planned move does with the old node when that node dies; a late result meets nobody (S10). */
export function leaveTheDead(t: Transition): boolean {
  const { op } = t.state;
  if (op === null || op.pastReturn || !isDead(t.state, op)) return false;
  if (op.phase === 'SYNC' || op.phase === 'DRAIN' || op.phase === 'TTL_LOWER') {
    dropIntent(t);
    patchOperation(t, { drained: false });
    enter(t, 'STOP_OLD', `${op.from} has died, so nothing is left to wait for`);
    return true;
  }
  if (op.phase !== 'UNDRAIN') return false;
  dropIntent(t);
  return endAborted(t);
}

function lowersTtl(state: MachineState, op: Operation): boolean {
  return op.waitsForTtl && (lowersFirst(state, op) || lowersSecond(state, op) !== null);
}

/** The TTLs are those that were in force when the operation began. */
function lowersFirst({ service }: MachineState, { rules, from }: Operation): boolean {
  return rules.ttl.steadyMs > rules.ttl.suspectMs && service.dns.confirmed?.node === from;
}

/** The state of the second provider when it has a longer TTL to lower, whatever TTLs the first one has. */
function lowersSecond(state: MachineState, { from }: Operation): MachineState | null {
  const second = asSecond(state);
  if (second === null || second.service.dns.confirmed?.node !== from) return null;
  return second.rules.ttl.steadyMs > second.rules.ttl.suspectMs ? second : null;
}

/**
 * DNS was told to answer with the short TTL when the operation began; here its old one is waited out (S2). A first provider that
 * does not take the short TTL ends the operation, which has touched nothing.
 */
export function advanceTtlLower(t: Transition): boolean {
  const op = operationIn(t);
  const first = lowersFirst(t.state, op) ? lookAtFirst(t, op) : 'expired';
  if (first === 'silent') {
    // A write that the budget puts off is no problem of DNS, and the provider not the one to look at (S34).
    const { service, local } = t.state;
    const why = service.dnsProblem?.reason ?? local.dnsPause?.why ?? 'the provider is silent';
    giveUp(t, `the TTL could not be lowered: ${why}`);
    return true;
  }
  if (first === 'held' || waitsForSecond(t, op)) return false;
  enter(t, beforeStop(op), 'no resolver holds an answer with the long TTL any more');
  return true;
}

function lookAtFirst({ state: { local }, now }: Transition, { rules }: Operation): 'held' | 'expired' | 'silent' {
  const since = local.lowTtlSinceMonoMs;
  if (since === null) return now.monoMs - local.opPhaseSinceMonoMs < TTL_PATIENCE_MS ? 'held' : 'silent';
  return now.monoMs < since + waitForPeriodMs(rules.ttl.steadyMs, rules.bounds) ? 'held' : 'expired';
}

/** The second provider's long TTL is waited out too, unless it does not take the short one: it never holds a move up (S28). */
function waitsForSecond({ state, now }: Transition, op: Operation): boolean {
  const second = lowersSecond(state, op);
  if (second === null) return false;
  const since = second.local.lowTtlSinceMonoMs;
  if (since !== null) return now.monoMs < since + waitForPeriodMs(second.rules.ttl.steadyMs, op.rules.bounds);
  const isFailing = second.service.dnsProblem !== null || second.local.dnsPause !== null;
  return !isFailing && now.monoMs - state.local.opPhaseSinceMonoMs < TTL_PATIENCE_MS;
}

export function advanceDrain(t: Transition): boolean {
  const op = operationIn(t);
  const timeoutMs = limitOf(op, op.from, 'drain');
  if (op.from === null || timeoutMs === null) {
    enter(t, 'STOP_OLD', 'nothing to drain');
    return true;
  }
  patchOperation(t, { drained: true });
  intend(
    t,
    { kind: 'drain', node: op.from, step: raiseStep(t), timeoutMs },
    `Drain ${op.from}, at most ${timeoutMs} ms`,
  );
  return true;
}

export function resultDrain(t: Transition, outcome: IntentOutcome): void {
  if (outcome.kind === 'done') enter(t, 'STOP_OLD', `drained: ${outcome.reason}`);
  else giveUp(t, `drain of ${operationIn(t).from} ${outcome.kind}: ${outcome.reason}`);
}

export function advanceUndrain(t: Transition): boolean {
  const op = operationIn(t);
  // An adoption, and a rollback, has the drained node for its target.
  const node = op.pastReturn ? op.to : op.from;
  const timeoutMs = limitOf(op, node, 'undrain');
  if (node === null || timeoutMs === null) return endAborted(t);
  intend(t, { kind: 'undrain', node, step: raiseStep(t), timeoutMs }, `Undo the drain of ${node}`);
  return true;
}

/** Tried once: the node is active and serves, and a person is told when its drain could not be undone. */
export function resultUndrain(t: Transition, outcome: IntentOutcome): void {
  const { failure, pastReturn } = patchOperation(t, { drained: false });
  const undone = outcome.kind === 'done' ? 'the drain is undone' : `undrain ${outcome.kind}: ${outcome.reason}`;
  if (pastReturn) return enter(t, 'VERIFY_NEW', undone);
  patchOperation(t, { failure: `${failure}; ${undone}` });
  endAborted(t);
}

/** Ends an operation that has touched nothing; what prepared it is undone first (S34). */
export function giveUp(t: Transition, why: string): void {
  const op = patchOperation(t, { failure: why });
  if (op.drained && limitOf(op, op.from, 'undrain') !== null) enter(t, 'UNDRAIN', why);
  else endAborted(t);
}

function endAborted(t: Transition): true {
  finish(t, 'aborted', operationIn(t).failure ?? 'given up');
  return true;
}

function limitOf(op: Operation, node: NodeId | null, action: keyof NodeRules['actions']): number | null {
  return op.rules.nodes.find(({ id }) => id === node)?.actions[action] ?? null;
}
