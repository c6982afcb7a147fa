// Does what the machine wants done outside the store, and turns what came of it into the machine's next event. Before every
// effect the right to act is checked (S8); without it nothing is done and nothing is reported.
import { assertNever } from '../base/assert-never.ts';
import type { Intent } from '../failover/intent.ts';
import type { MachineEffect } from '../failover/machine-effect.ts';
import type { IntentOutcome } from '../failover/machine-event.ts';
import type { MachineState } from '../failover/service-state.ts';
import type { ActionContext, ActionEvidence, FenceResult, NodeDriver } from '../ports/node-driver.ts';
import { answerQuestion } from './answer-question.ts';
import { actionContext, type Performer, sweepName } from './performer.ts';
import { dnsEvent } from './record-places.ts';
import { writeDns } from './write-dns.ts';

export function performEffect(performer: Performer, effect: MachineEffect, state: MachineState): void {
  const { deps, tenure, report } = performer;
  if (!tenure.mayAct()) return tenure.resign('the right to act ended before an effect could be done');
  switch (effect.kind) {
    case 'run':
      performer.sweeps.giveUp(sweepName(state.rules.id, effect.intent.node));
      void runIntent(performer, effect, state).then((outcome) => {
        if (!tenure.signal.aborted) report({ kind: 'result', seq: effect.seq, outcome });
      });
      return;
    case 'ask':
      if (effect.question.kind === 'status' || effect.question.kind === 'standby')
        performer.sweeps.giveUp(sweepName(state.rules.id, effect.question.node));
      void answerQuestion(performer, effect, state).then((event) => {
        if (!tenure.signal.aborted) report(event);
      });
      return;
    case 'writeDns':
      void writeDns(performer, effect, state).then((outcome) => {
        if (!tenure.signal.aborted) report(dnsEvent(effect, outcome));
      });
      return;
    case 'alert':
      deps.ports.alert(state.rules.id, effect.alert);
      return;
    case 'resign':
      tenure.resign(effect.reason);
      return;
    case 'reply':
      return;
    default:
      assertNever(effect);
  }
}

/** Never rejects: a driver that throws is an error of the effect, with its message as evidence. */
async function runIntent(
  { deps, tenure }: Performer,
  { intent, op }: Extract<MachineEffect, { kind: 'run' }>,
  state: MachineState,
): Promise<IntentOutcome> {
  const driver = deps.ports.driver(state.rules.id, intent.node, tenure);
  const context = { ...actionContext(deps, state, op, intent.step), node: intent.node };
  try {
    return await act(driver, context, intent, tenure.signal);
  } catch (error) {
    return { kind: 'error', reason: error instanceof Error ? error.message : String(error), evidence: {} };
  }
}

async function act(
  driver: NodeDriver,
  context: ActionContext,
  intent: Intent,
  signal: AbortSignal,
): Promise<IntentOutcome> {
  switch (intent.kind) {
    case 'fence':
      return fenceOutcome(await driver.fence(context, { level: intent.level, signal }));
    case 'adopt': {
      const { kind, reason, evidence } = await driver.adopt({ ...context, epoch: intent.epoch }, { signal });
      return { kind, reason, evidence: plain(evidence) };
    }
    case 'start':
    case 'stop':
    case 'sync':
    case 'resync':
    case 'drain':
    case 'undrain': {
      const result = await driver.act(intent.kind, context, { timeoutMs: intent.timeoutMs, signal });
      return {
        kind: result.kind,
        reason: result.reason,
        evidence: { ...plain(result.evidence), repeated: result.repeated },
      };
    }
    default:
      return assertNever(intent);
  }
}

function fenceOutcome({ kind, reason, evidence }: FenceResult): IntentOutcome {
  return { kind: kind === 'off' ? 'done' : kind, reason, evidence: plain(evidence) };
}

function plain({ exitCode, signal, output, durationMs }: ActionEvidence): IntentOutcome['evidence'] {
  return { exitCode, signal, output, durationMs: Math.round(durationMs) };
}
