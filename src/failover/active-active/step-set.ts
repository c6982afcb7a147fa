// The machine of an active-active service: takes one event in, then moves until everything is where the votes and the
// operators want it. It shares state, journal and DNS with the machine of active-passive ones.
import { assertNever } from '../../base/assert-never.ts';
import { reconcileWish } from '../dns-desire.ts';
import { takeDnsEvent } from '../dns-events.ts';
import { tellAge } from '../hold.ts';
import type { MachineEvent } from '../machine-event.ts';
import { onEachRecord, onSecond } from '../second-record.ts';
import { takeOver } from '../take-over.ts';
import { patchLocal, type Transition } from '../transition.ts';
import { desiredAnswer } from './answer-set.ts';
import { advanceRamp, changeMembers, noteSetStability } from './change-members.ts';
import { handleSetCommand } from './commands.ts';
import { advanceOperation, considerReturn, takePropagation, takeResult } from './run-operation.ts';

export function takeForSet(t: Transition, event: MachineEvent): void {
  switch (event.kind) {
    case 'takeover':
      patchLocal(t, { view: event.view });
      return takeOver(t, event.term);
    case 'seen':
      patchLocal(t, { view: event.view });
      return noteSetStability(t);
    case 'tick':
      tellAge(t);
      return noteSetStability(t);
    case 'failbackWindow':
      return;
    case 'rules':
      t.state = { ...t.state, rules: event.rules };
      return onEachRecord(t, (record) => patchLocal(record, { dnsRefused: null }));
    case 'request': {
      const reply = handleSetCommand(t, event.actor, event.command);
      t.effects.push({ kind: 'reply', requestId: event.id, reply });
      return;
    }
    case 'result':
      return takeResult(t, event.seq, event.outcome);
    case 'answer':
      patchLocal(t, { asking: t.state.local.asking.filter((key) => key !== event.question) });
      if (event.answer.kind === 'propagation') takePropagation(t, event.answer);
      return;
    case 'dns':
    case 'dnsLook':
      return takeDnsEvent(t, event);
    default:
      return assertNever(event);
  }
}

/** One move of whatever can move. */
export function moveSet(t: Transition): boolean {
  if (t.state.local.term === 0) return false;
  if (changeMembers(t) || advanceRamp(t) || advanceOperation(t) || considerReturn(t)) return true;
  return reconcileAnswer(t) || onSecond(t, reconcileAnswer);
}

function reconcileAnswer(t: Transition): boolean {
  return reconcileWish(t, desiredAnswer(t.state));
}
