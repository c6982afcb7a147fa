// Asks what the machine wants to know: whether a standby is ready, what role a node has, whether every name server answers
// anew. Questions change nothing and may be asked again at any time.
import { assertNever } from '../base/assert-never.ts';
import type { MachineEffect } from '../failover/machine-effect.ts';
import type { Answer, MachineEvent } from '../failover/machine-event.ts';
import type { MachineState } from '../failover/service-state.ts';
import { questionKey } from '../failover/transition.ts';
import { askPropagation } from './ask-propagation.ts';
import { actionContext, type Performer } from './performer.ts';

type Ask = Extract<MachineEffect, { kind: 'ask' }>;

/** Never rejects: a question that fails is answered with the reason. */
export async function answerQuestion(performer: Performer, effect: Ask, state: MachineState): Promise<MachineEvent> {
  const answer = await find(performer, effect, state);
  return { kind: 'answer', question: questionKey(effect.question), answer };
}

async function find(performer: Performer, { question, op }: Ask, state: MachineState): Promise<Answer> {
  const { deps, tenure } = performer;
  const { signal } = tenure;
  switch (question.kind) {
    case 'propagation':
      return askPropagation(performer, state);
    case 'status': {
      const context = { ...actionContext(deps, state, op, state.service.step), node: question.node };
      try {
        const status = await deps.ports.driver(state.rules.id, question.node).status(context, { signal });
        return { kind: 'status', node: question.node, role: status.role, epoch: status.epoch, reason: status.reason };
      } catch (error) {
        return { kind: 'status', node: question.node, role: 'unknown', epoch: 0, reason: messageOf(error) };
      }
    }
    case 'precheck': {
      const context = { ...actionContext(deps, state, op, state.service.step), node: question.node };
      try {
        const driver = deps.ports.driver(state.rules.id, question.node);
        const result = await driver.precheck(context, { timeoutMs: question.timeoutMs, signal });
        return { kind: 'precheck', node: question.node, ok: result.kind === 'done', reason: result.reason };
      } catch (error) {
        return { kind: 'precheck', node: question.node, ok: false, reason: messageOf(error) };
      }
    }
    default:
      return assertNever(question);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
