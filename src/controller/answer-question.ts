// Asks what the machine wants to know: whether a standby is ready, what role a node has, whether every name server answers
// anew. Questions change nothing and may be asked again at any time.
import { z } from 'zod';
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
        const { kind, reason } = await deps.ports.driver(state.rules.id, node).fenceStatus(context, { level, signal });
        return { kind: 'fenceStatus', node, level, ok: kind === 'off' || kind === 'notOff', reason };
      } catch (error) {
        return { kind: 'fenceStatus', node, level, ok: false, reason: messageOf(error) };
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

const LAG = /^oneup-lag:[ \t]*(\d{1,15}(?:\.\d{1,9})?)[ \t]*$/gm;

/** How far behind the node is, in whatever unit its precheck counts: the last line `oneup-lag: NUMBER` of the output. */
function lagIn(output: string): number | null {
  const found = [...output.matchAll(LAG)].at(-1)?.[1];
  return found === undefined ? null : Number(found);
}

/** Reads the record where it is served and plans the write that is in force already: nothing is changed. */
async function askDnsAccess({ deps }: Performer, state: MachineState, signal: AbortSignal): Promise<Answer> {
  const service = deps.config.services.find(({ id }) => id === state.rules.id);
  if (service === undefined) return { kind: 'dnsAccess', ok: false, reason: 'the service is not configured any more' };
  const { name, zone, provider } = service.record;
  try {
    const found = await deps.ports.provider(provider).list(zone, { signal });
    const own = found.filter((rrset) => rrset.name === name).map(({ type, values }) => `${type} ${values.join(' ')}`);
    return { kind: 'dnsAccess', ok: true, reason: `provider ${provider} lists ${own.join(', ') || `no ${name} yet`}` };
  } catch (error) {
    return { kind: 'dnsAccess', ok: false, reason: `provider ${provider}: ${messageOf(error)}` };
  }
}

const leaseSchema = z.object({
  epoch: z.int(),
  periodMs: z.number().positive(),
  armed: z.boolean(),
  enforced: z.enum(['watchdog', 'keeper', 'none']),
});

/**
 * Asked after the REVOKE was committed, so what the store holds is the last renewal that there will ever be for this grant
 * (S15). A record that cannot be read is one of which nothing is known: it proves nothing.
 */
async function askLease(
  { deps }: Performer,
  state: MachineState,
  { node, epoch }: Extract<Ask['question'], { kind: 'lease' }>,
): Promise<Answer> {
  const entry = await readLease(deps, state.rules.id, node);
  if (entry === null) return { kind: 'lease', node, epoch, renewal: null };
  const parsed = leaseSchema.safeParse(parseJson(entry.value));
  if (!parsed.success) return { kind: 'lease', node, epoch, renewal: UNREADABLE };
  return { kind: 'lease', node, epoch, renewal: parsed.data.epoch === epoch ? parsed.data : null };
}

/** Proves nothing. */
const UNREADABLE = { periodMs: 0, armed: false, enforced: 'none' } as const;
const LEASE_RETRY_MS = 500;

/** Until the store answers: an operation waits for this, and a store that is away answers no commit either. */
async function readLease({ store, keys, clock, signal }: Performer['deps'], service: string, node: string) {
  while (!signal.aborted) {
    try {
      return await store.get(keys.lease(service, node));
    } catch {
      await clock.sleep(LEASE_RETRY_MS, { signal }).catch(() => undefined);
    }
  }
  return { value: '' };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
