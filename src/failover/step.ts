// The failover machine: one event, the state before, the time; the state after, and what to write and do. Pure and total.
import { assertNever } from '../base/assert-never.ts';
import type { Now } from '../base/clock.ts';
import type { NodeId } from '../base/ids.ts';
import { moveSet, takeForSet } from './active-active/step-set.ts';
import { reconcileAlerts } from './alerts.ts';
import { considerAutomatic } from './automatic.ts';
import { automaticRefusal, generalRefusal } from './automatic-rules.ts';
import { expireBrakes } from './brakes.ts';
import { handleCommand } from './commands.ts';
import { considerConflict } from './conflict.ts';
import { reconcileDns } from './dns-desire.ts';
import { takeDnsEvent } from './dns-events.ts';
import { openFailbackWindow } from './failback-window.ts';
import { mayGoOn, tellAge } from './hold.ts';
import { answerLease, takeLeaseProofs } from './lease.ts';
import type { HistoryEntry, JournalEntry, MachineEffect } from './machine-effect.ts';
import type { Answer, MachineEvent } from './machine-event.ts';
import { isYielding } from './operation-kinds.ts';
import { abandon, carryOutOrder } from './orders.ts';
import { applyResult, PHASES } from './phase-table.ts';
import { answerCheck } from './phases-check.ts';
import { answerFenceTest } from './phases-fence-test.ts';
import { answerVerifyNew } from './phases-from-grant.ts';
import { leaveTheDead } from './phases-planned.ts';
import { answerPropagation } from './phases-tail.ts';
import { considerPlanned } from './planned-moves.ts';
import { considerResync } from './planned-resync.ts';
import { voidProofs } from './proof.ts';
import { mayRestart } from './restart.ts';
import { onEachRecord, onSecond } from './second-record.ts';
import type { MachineState } from './service-state.ts';
import { noteStability, recheckLaggards, refreshPrechecks } from './steady.ts';
import { forgetOldAnswers, sweep, takeSwept } from './sweep.ts';
import { takeOver } from './take-over.ts';
import { finish, patchLocal, type Slot, type Transition } from './transition.ts';
import { answerStandby } from './warm-standby.ts';

export type StepResult = {
  readonly state: MachineState;
  readonly journal: readonly JournalEntry[];
  readonly effects: readonly MachineEffect[];
  readonly history: readonly HistoryEntry[];
};

/** More moves than any event can set off: every phase of two candidates and a rollback. A loop beyond it is a fault. */
const MOVES_MAX = 100;

/** Deterministic: the same three values give the same result. The controller commits `state`, `journal` and `history`, then does `effects`. */
export function step(state: MachineState, event: MachineEvent, now: Now): StepResult {
  const t: Transition = { state, now, journal: [], effects: [], history: [] };
  const isSet = state.rules.activeActive !== undefined;
  (isSet ? takeForSet : take)(t, event);
  const moveOnce = isSet ? moveSet : move;
  for (let moves = 0; moveOnce(t); moves += 1) {
    if (moves >= MOVES_MAX)
      throw new TypeError(`Cannot settle: service ${state.rules.id} moved ${MOVES_MAX} times on ${event.kind}`);
  }
  if (t.state.local.term > 0) reconcileAlerts(t);
  return { state: t.state, journal: t.journal, effects: t.effects, history: t.history };
}

function take(t: Transition, event: MachineEvent): void {
  switch (event.kind) {
    case 'takeover':
      patchLocal(t, { view: event.view });
      voidProofs(t);
      return takeOver(t, event.term);
    case 'seen':
      patchLocal(t, { view: event.view });
      voidProofs(t);
      return noteStability(t);
    case 'tick':
      expireBrakes(t);
      forgetOldAnswers(t);
      tellAge(t);
      return noteStability(t);
    case 'failbackWindow':
      return openFailbackWindow(t, event.openForMs);
    case 'rules':
      // A changed configuration may be the remedy for a refused write, so it is tried again.
      t.state = { ...t.state, rules: event.rules };
      return onEachRecord(t, (record) => patchLocal(record, { dnsRefused: null }));
    case 'request': {
      const reply = handleCommand(t, event.actor, event.command);
      t.effects.push({ kind: 'reply', requestId: event.id, reply });
      return;
    }
    case 'result':
      return applyResult(t, event.seq, event.outcome);
    case 'answer':
      return takeAnswer(t, event.question, event.answer);
    case 'dns':
    case 'dnsLook':
      return takeDnsEvent(t, event);
    default:
      return assertNever(event);
  }
}

function takeAnswer(t: Transition, question: string, answer: Answer): void {
  patchLocal(t, { asking: t.state.local.asking.filter((key) => key !== question) });
  answerCheck(t, question, answer);
  answerFenceTest(t, question, answer);
  switch (answer.kind) {
    case 'precheck': {
      const { ok, reason, lag } = answer;
      const prechecks = { ...t.state.local.prechecks, [answer.node]: { ok, reason, lag, atMonoMs: t.now.monoMs } };
      return patchLocal(t, { prechecks });
    }
    case 'sweep':
      return takeSwept(t, answer);
    case 'lease':
      return answerLease(t, answer);
    case 'fenceStatus':
    case 'dnsAccess':
      return;
    case 'status':
      answerStandby(t, question, answer);
      return answerVerifyNew(t, question, answer);
    case 'propagation':
      return answerPropagation(t, question, answer);
    default:
      return assertNever(answer);
  }
}

/** One move of whatever can move: the operation, its tail, the decision to begin one, DNS. */
function move(t: Transition): boolean {
  if (yieldToFailover(t) || leaveTheDead(t) || takeLeaseProofs(t) || moveSlot(t, 'op') || moveSlot(t, 'tail'))
    return true;
  if (t.state.op === null && (considerConflict(t) || considerAutomatic(t) || considerResync(t) || considerPlanned(t)))
    return true;
  if (t.state.op === null) refreshPrechecks(t);
  sweep(t);
  recheckLaggards(t);
  return reconcileDns(t) || onSecond(t, reconcileDns);
}

/** S10: what only looks or prepares a standby makes room when the active dies; its script's late result meets nobody. */
function yieldToFailover(t: Transition): boolean {
  const { op } = t.state;
  const { active } = t.state.service;
  if (op === null || !isYielding(op) || active === null) return false;
  if (t.state.local.view.nodes[active]?.down.kind !== 'agreed' || !wouldFailOver(t, active)) return false;
  abandon(t, op);
  finish(t, op.pastReturn ? 'failed' : 'aborted', `${active} is agreed down: a failover goes first`);
  return true;
}

/** What a failover waits for may be this very rejoin, so it gives way only to one that would really begin. */
function wouldFailOver({ state, now }: Transition, active: NodeId): boolean {
  if (generalRefusal(state, active, now) !== null) return false;
  return mayRestart(state, active) || automaticRefusal(state, active, now) === null;
}

function moveSlot(t: Transition, slot: Slot): boolean {
  const op = t.state[slot];
  if (op === null || op.phase === 'DONE' || op.intent !== null) return false;
  if (slot === 'op') {
    if (carryOutOrder(t)) return true;
    if (!mayGoOn(t)) return false;
  }
  return PHASES[op.phase].advance(t);
}
