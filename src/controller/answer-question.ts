// Asks what the machine wants to know: whether a standby is ready, what role a node has, whether every name server answers
// anew. Questions change nothing and may be asked again at any time.
import { assertNever } from '../base/assert-never.ts';
import type { RecordConfig } from '../config/config.ts';
import type { MachineEffect } from '../failover/machine-effect.ts';
import type { Answer, MachineEvent } from '../failover/machine-event.ts';
import type { MachineState } from '../failover/service-state.ts';
import { questionKey } from '../failover/transition.ts';
import { managedNames } from '../plan/ownership.ts';
import { askLease } from './ask-lease.ts';
import { askPropagation } from './ask-propagation.ts';
import { actionContext, type Performer, sweepName } from './performer.ts';
import { recordPlaces } from './record-places.ts';

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
    case 'standby':
    case 'status': {
      const context = { ...actionContext(deps, state, op, state.service.step), node: question.node };
      try {
        const status = await deps.ports.driver(state.rules.id, question.node, tenure).status(context, { signal });
        return { kind: 'status', node: question.node, role: status.role, epoch: status.epoch, reason: status.reason };
      } catch (error) {
        return { kind: 'status', node: question.node, role: 'unknown', epoch: 0, reason: messageOf(error) };
      }
    }
    case 'sweep':
      return askSwept(performer, question, state);
    case 'precheck': {
      const context = { ...actionContext(deps, state, op, state.service.step), node: question.node };
      try {
        const driver = deps.ports.driver(state.rules.id, question.node, tenure);
        const result = await driver.precheck(context, { timeoutMs: question.timeoutMs, signal });
        const lag = lagIn(result.evidence.output);
        return { kind: 'precheck', node: question.node, ok: result.kind === 'done', reason: result.reason, lag };
      } catch (error) {
        return { kind: 'precheck', node: question.node, ok: false, reason: messageOf(error), lag: null };
      }
    }
    case 'fenceStatus': {
      const { node, level } = question;
      const context = { ...actionContext(deps, state, op, state.service.step), node };
      try {
        const { kind, reason } = await deps.ports
          .driver(state.rules.id, node, tenure)
          .fenceStatus(context, { level, signal });
        const ok = kind === 'off' || kind === 'notOff';
        return { kind: 'fenceStatus', node, level, ok, isOff: kind === 'off', reason };
      } catch (error) {
        return { kind: 'fenceStatus', node, level, ok: false, isOff: false, reason: messageOf(error) };
      }
    }
    case 'lease':
      return askLease(performer, state, question);
    case 'dnsAccess':
      return askDnsAccess(performer, state, signal);
    default:
      return assertNever(question);
  }
}

type SweepQuestion = Extract<Ask['question'], { kind: 'sweep' }>;

/** Outside of any operation, and given up when one wants the node (S25). A status that cannot be had has no role. */
async function askSwept(
  { deps, tenure, sweeps }: Performer,
  { node, crumbVersion }: SweepQuestion,
  state: MachineState,
): Promise<Answer> {
  const context = { ...actionContext(deps, state, null, state.service.step), node };
  const swept = { kind: 'sweep', node, crumbVersion } as const;
  try {
    const status = await sweeps.run(sweepName(state.rules.id, node), tenure.signal, (signal) =>
      deps.ports.driver(state.rules.id, node, tenure).status(context, { signal }),
    );
    return { ...swept, role: status.role === 'unknown' ? null : status.role, reason: status.reason };
  } catch (error) {
    return { ...swept, role: null, reason: messageOf(error) };
  }
}

const LAG = /^oneup-lag:[ \t]*(\d{1,15}(?:\.\d{1,9})?)[ \t]*$/gm;

/** How far behind the node is, in whatever unit its precheck counts: the last line `oneup-lag: NUMBER` of the output. */
function lagIn(output: string): number | null {
  const found = [...output.matchAll(LAG)].at(-1)?.[1];
  return found === undefined ? null : Number(found);
}

/** Reads the record where it is served and plans the write that is in force already: nothing is changed. */
async function askDnsAccess({ deps }: Performer, state: MachineState, signal: AbortSignal): Promise<Answer> {
  const places = recordPlaces(deps.config, state);
  if (places.length === 0) return { kind: 'dnsAccess', ok: false, reason: 'the service is not configured any more' };
  const said = await Promise.all(places.map(({ service }) => tryAccess({ deps }, service.record, signal)));
  const reason = said.map((one) => one.reason).join('; ');
  return { kind: 'dnsAccess', ok: said.every(({ ok }) => ok), reason };
}

async function tryAccess(
  { deps }: Pick<Performer, 'deps'>,
  { name, zone, provider }: RecordConfig,
  signal: AbortSignal,
): Promise<{ readonly ok: boolean; readonly reason: string }> {
  try {
    const found = await deps.ports.provider(provider).list(zone, { names: managedNames(name), signal });
    const own = found.filter((rrset) => rrset.name === name).map(({ type, values }) => `${type} ${values.join(' ')}`);
    return { ok: true, reason: `provider ${provider} lists ${own.join(', ') || `no ${name} yet`}` };
  } catch (error) {
    return { ok: false, reason: `provider ${provider}: ${messageOf(error)}` };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
