// CUTOVER, PROPAGATE and POST: the part of an operation that goes on after the new node is active (S10). A failing DNS
// provider keeps this part waiting and never the next failover.
import { modeRefusal } from './hold.ts';
import type { Answer } from './machine-event.ts';
import { type PropagationSummary, summariseReport } from './propagation-report.ts';
import type { Refusal } from './refusal.ts';
import {
  ask,
  enter,
  finish,
  note,
  operationIn,
  patchLocal,
  patchOperation,
  patchService,
  questionKey,
  type Transition,
} from './transition.ts';

/** The write itself is made by the reconciliation of dns-desire.ts; this phase waits for it. */
export function advanceCutover(t: Transition): boolean {
  const tail = operationIn(t, 'tail');
  const { confirmed } = t.state.service.dns;
  const problem = t.state.service.dnsProblem;
  const { active } = t.state.service;
  if (active !== tail.to && modeRefusal(t.state) === null) {
    finish(t, 'failed', `${tail.to} is not active any more, so DNS will not name it`, 'tail');
    return true;
  }
  if (confirmed === null || confirmed.node !== tail.to || confirmed.epoch < (tail.epoch ?? 0)) {
    const held = handsOff(t) ?? problem;
    if (held !== null && tail.blocked?.reason !== held.reason) {
      note(t, `DNS is not written: ${held.reason}`, { rules: [held.rule], slot: 'tail' });
      patchOperation(t, { blocked: held }, 'tail');
    }
    return false;
  }
  enter(t, 'PROPAGATE', `DNS names ${confirmed.node}, epoch ${confirmed.epoch}, seq ${confirmed.seq}`, 'tail');
  return true;
}

/** S35: a mode lets what is in flight finish and holds the rest, and says so (S34). */
function handsOff({ state }: Transition): Refusal | null {
  const mode = modeRefusal(state);
  return mode === null ? null : { ...mode, reason: `DNS stays as it is: ${mode.reason}` };
}

/** Every authoritative server answers anew, then the drain horizon passes; ends DEGRADED naming who did not. */
export function advancePropagate(t: Transition): boolean {
  const tail = operationIn(t, 'tail');
  const seen = t.state.local.propagation;
  if (seen === null) {
    ask(t, { kind: 'propagation', epoch: tail.epoch ?? 0 }, 'tail');
    return false;
  }
  if (seen.horizonMonoMs !== null && t.now.monoMs < seen.horizonMonoMs) return false;
  const late = seen.laggards.length === 0 ? '' : `; no new answer from ${seen.laggards.join(', ')}`;
  const horizon =
    seen.horizonMonoMs === null ? 'the drain horizon is unknown' : 'no honest resolver holds the old answer';
  enter(t, 'POST', `${horizon}${late}`, 'tail');
  return true;
}

export function answerPropagation(
  t: Transition,
  question: string,
  answer: Extract<Answer, { kind: 'propagation' }>,
): void {
  const { tail } = t.state;
  if (tail === null) return takeLaggards(t, question, answer);
  // A late answer may speak of the cutover before this one.
  if (tail?.phase !== 'PROPAGATE' || question !== questionKey({ kind: 'propagation', epoch: tail.epoch ?? 0 })) return;
  patchLocal(t, { propagation: { laggards: answer.laggards, horizonMonoMs: answer.horizonMonoMs } });
  patchService(t, { laggards: answer.laggards, ...summaryOf(t, answer) });
  note(t, 'Name servers asked', {
    slot: 'tail',
    rules: ['S31'],
    evidence: {
      laggards: answer.laggards,
      drainMs: answer.horizonMonoMs === null ? null : Math.max(0, answer.horizonMonoMs - t.now.monoMs),
      ...(answer.report === undefined ? {} : { report: answer.report }),
    },
  });
}

function summaryOf(
  { now }: Transition,
  { report }: Extract<Answer, { kind: 'propagation' }>,
): { readonly propagation?: PropagationSummary } {
  return report === undefined ? {} : { propagation: summariseReport(report, now.wallMs) };
}

/** Name servers that were late at the cutover were asked again; an answer to an older cutover means nothing. */
function takeLaggards(t: Transition, question: string, answer: Extract<Answer, { kind: 'propagation' }>): void {
  const { laggards } = answer;
  const epoch = t.state.service.dns.confirmed?.epoch ?? 0;
  const isSame = laggards.join() === t.state.service.laggards.join();
  if (isSame || question !== questionKey({ kind: 'propagation', epoch })) return;
  if (t.state.service.laggards.length > 0) patchService(t, { laggards, ...summaryOf(t, answer) });
}

export function advancePost(t: Transition): boolean {
  const tail = operationIn(t, 'tail');
  const degraded = t.state.local.propagation?.laggards ?? [];
  const how =
    degraded.length === 0 ? 'every name server answers anew' : `degraded: ${degraded.join(', ')} did not answer anew`;
  finish(t, tail.rollback ? 'rolledBack' : 'done', `${t.state.service.active ?? tail.to} is active, ${how}`, 'tail');
  return true;
}
