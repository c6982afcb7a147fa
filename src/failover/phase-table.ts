// The machine's own table: what each phase does and how it is taken up again by the next controller. Tests enumerate it to
// kill a controller at every boundary; docs/state-machine.md is checked against it.
import type { IntentOutcome } from './machine-event.ts';
import type { Phase } from './operation.ts';
import {
  advanceFence,
  advancePlan,
  advancePrecheck,
  advanceStopOld,
  advanceSync,
  resultFence,
  resultStopOld,
  resultSync,
} from './phases-before-grant.ts';
import { advanceConfirmDown } from './phases-confirm-down.ts';
import {
  advanceGrant,
  advanceStartNew,
  advanceTargetFailed,
  advanceVerifyNew,
  resultStartNew,
  resultStopBeforeStart,
} from './phases-from-grant.ts';
import { advanceDrain, advanceTtlLower, advanceUndrain, resultDrain, resultUndrain } from './phases-planned.ts';
import { advanceResync, resultResync } from './phases-rejoin.ts';
import { advanceCutover, advancePost, advancePropagate } from './phases-tail.ts';
import { note, operationIn, patchOperation, type Slot, type Transition } from './transition.ts';

export type PhaseRule = {
  readonly slot: Slot;
  /** What happens outside the store in this phase. */
  readonly effect: 'none' | 'intent' | 'question' | 'dns';
  readonly does: string;
  readonly resume: string;
  readonly advance: (t: Transition) => boolean;
};

const SEND_AGAIN = 'the same step is sent again; the guard answers with the recorded result if it was done';

export const PHASES: Readonly<Record<Exclude<Phase, 'DONE'>, PhaseRule>> = {
  PLAN: {
    slot: 'op',
    effect: 'none',
    does: 'chooses the target and what must be proven',
    resume: 'done anew',
    advance: advancePlan,
  },
  PRECHECK: {
    slot: 'op',
    effect: 'question',
    does: 'asks whether the target may and can start; nothing is touched',
    resume: 'asked again',
    advance: advancePrecheck,
  },
  SYNC: {
    slot: 'op',
    effect: 'intent',
    does: 'copies what the old active wrote last',
    resume: SEND_AGAIN,
    advance: advanceSync,
  },
  TTL_LOWER: {
    slot: 'op',
    effect: 'none',
    does: 'planned moves: waits until no resolver holds an answer with the long TTL',
    resume: 'the wait counts anew',
    advance: advanceTtlLower,
  },
  DRAIN: {
    slot: 'op',
    effect: 'intent',
    does: 'planned moves: lets the old active finish its work',
    resume: SEND_AGAIN,
    advance: advanceDrain,
  },
  UNDRAIN: {
    slot: 'op',
    effect: 'intent',
    does: 'undoes the drain of a move that is given up',
    resume: SEND_AGAIN,
    advance: advanceUndrain,
  },
  STOP_OLD: {
    slot: 'op',
    effect: 'intent',
    does: 'stops every node that has no proof; the point of no return',
    resume: SEND_AGAIN,
    advance: advanceStopOld,
  },
  FENCE: {
    slot: 'op',
    effect: 'intent',
    does: 'fires the ladder level by level until a confirm query says off',
    resume: 'the confirm query is asked first, then the same step is sent again; a `fenceTest` ends as failed',
    advance: advanceFence,
  },
  CONFIRM_DOWN: {
    slot: 'op',
    effect: 'none',
    does: 'waits until every other node has a proof and no prober sees one answering',
    resume: 'looked at again',
    advance: advanceConfirmDown,
  },
  GRANT: {
    slot: 'op',
    effect: 'none',
    does: 'raises the epoch and writes the breadcrumb',
    resume: 'done anew',
    advance: advanceGrant,
  },
  START_NEW: {
    slot: 'op',
    effect: 'intent',
    does: 'runs the start action of the target',
    resume: `${SEND_AGAIN}; one that was cut off is stopped and started with a new step`,
    advance: advanceStartNew,
  },
  VERIFY_NEW: {
    slot: 'op',
    effect: 'question',
    does: 'waits for fresh observations of a quorum and asks the node for its role and epoch',
    resume: 'looked at and asked again',
    advance: advanceVerifyNew,
  },
  TARGET_FAILED: {
    slot: 'op',
    effect: 'none',
    does: 'chooses between rollback, the next candidate and giving up; the target is stopped first',
    resume: 'done anew',
    advance: advanceTargetFailed,
  },
  RESYNC: {
    slot: 'op',
    effect: 'intent',
    does: 'runs the resync action of a node that rejoins',
    resume: SEND_AGAIN,
    advance: advanceResync,
  },
  CUTOVER: {
    slot: 'tail',
    effect: 'dns',
    does: 'writes the new answer, conditional on the one before',
    resume: 'the provider is read and the write finished or repeated above it',
    advance: advanceCutover,
  },
  PROPAGATE: {
    slot: 'tail',
    effect: 'question',
    does: 'waits until every name server answers anew and the drain horizon has passed',
    resume: 'asked again; the wait counts anew',
    advance: advancePropagate,
  },
  POST: { slot: 'tail', effect: 'none', does: 'writes the history', resume: 'done anew', advance: advancePost },
};

/** Takes in the result of the pending intent. A result for anything else is old and means nothing (S12). */
export function applyResult(t: Transition, seq: number, outcome: IntentOutcome): void {
  const { op } = t.state;
  if (op === null || op.intent === null || op.intent.seq !== seq) return;
  const { intent } = op.intent;
  note(t, `${intent.kind} of ${intent.node} ${outcome.kind}: ${outcome.reason}`, {
    kind: 'RESULT',
    rules: ['S10', 'S12'],
    evidence: { step: intent.step, ...outcome.evidence },
  });
  patchOperation(t, { intent: null });
  // S33: it ended with its controller and says nothing about the node, so the phase sends it again with a new step. Only a shot
  // of a test is not repeated: nobody needs it, and who was hit may be back on its feet by then.
  const isRepeated = operationIn(t).phase !== 'START_NEW' && op.kind !== 'fenceTest';
  if (outcome.kind === 'killed' && isRepeated) return;
  switch (intent.kind) {
    case 'sync':
      return resultSync(t, outcome);
    case 'resync':
      return resultResync(t, outcome);
    case 'drain':
      return resultDrain(t, outcome);
    case 'undrain':
      return resultUndrain(t, outcome);
    case 'stop':
      if (operationIn(t).phase === 'START_NEW') resultStopBeforeStart(t, outcome);
      else resultStopOld(t, outcome, intent.node, intent.step);
      return;
    case 'fence':
      return resultFence(t, outcome, intent.node, intent.level);
    case 'start':
    case 'adopt':
      return resultStartNew(t, outcome);
  }
}
