// The `http` carrier: a hook does what is asked, after hello with a nonce and go within two seconds (S12). Hello and status may be
// repeated as they are; go is repeated only with the same step, which the hook answers from its record.
import type { Clock } from '../../base/clock.ts';
import type { Secret } from '../../base/secret.ts';
import type { HttpActionConfig } from '../../config/config.ts';
import type { ActionResult } from '../../ports/node-driver.ts';
import {
  type ActionCarrier,
  type CarriedStep,
  NO_EVIDENCE,
  type QueryAnswer,
  type Question,
  type Recalled,
  withoutEvidence,
} from '../action-carrier.ts';
import { callHook, type HookReply } from './call-hook.ts';
import { readHello, readResult, readStatus, readWord } from './read-hook-answer.ts';
import { watchRight } from './watch-right.ts';

export type HttpCarrierOptions = {
  readonly clock: Clock;
  /** The controller's may-act deadline on the clock that counts suspension (S3); in the past when it has none. */
  readonly mayActUntilBootMs: () => number;
  /** Removed from all evidence. */
  readonly secrets: readonly Secret[];
};

/** A silent host costs this long (P2). */
const HELLO_MS = 5_000;
const HELLO_ATTEMPTS = 2;
const RETRY_MS = 500;
/** How long a hook may stay away after a cut before the step counts as failed (S33). */
const RECONNECT_MAX_MS = 10_000;
/** What a hook needs beyond the action's own time. */
const ANSWER_MS = 5_000;

export function createHttpCarrier(options: HttpCarrierOptions): ActionCarrier<HttpActionConfig> {
  return {
    act: (action, step) => actUntilHeard(action, step, options),
    query: (action, question) => askWord(action, question, options),
    adopt: (action, step) => actUntilHeard(action, step, options),
    recall: (action, question) => recall(action, question, options),
    wasFired: () => false,
    recordOff: async (action, step) => {
      await actUntilHeard(action, { ...step, action: 'off', timeoutMs: ANSWER_MS }, options);
    },
  };
}

/** A go without an answer may have been done: the same step is asked for again until the record answers (S12). */
async function actUntilHeard(
  action: HttpActionConfig,
  step: CarriedStep,
  options: HttpCarrierOptions,
): Promise<ActionResult> {
  const { clock } = options;
  using right = watchRight(options, step.signal);
  const untilMonoMs = clock.monotonicMs() + step.timeoutMs + ANSWER_MS;
  let giveUpMonoMs = untilMonoMs;
  let last: HookReply | null = null;
  let wasSent = false;
  while (!right.signal.aborted && clock.monotonicMs() < giveUpMonoMs) {
    const hello = await greet(action, { ...step, signal: right.signal }, options);
    const nonce = hello.kind === 'answered' ? readHello(hello.answer) : null;
    if (nonce === null && !wasSent) return notGreeted(action, step, hello, right.reason());
    if (nonce !== null && !right.isOver()) {
      const timeoutMs = Math.max(1, untilMonoMs - clock.monotonicMs());
      const message = { ...messageOf(step), nonce };
      last = await callHook(action, { call: 'go', message, timeoutMs, signal: right.signal }, clock);
      wasSent ||= mayHaveArrived(last);
      if (last.kind === 'answered') return judgeGo(action, step, last.answer, options);
      if (last.kind === 'refused') return withoutEvidence('failed', `${cannot(action, step)}: ${last.reason}`);
      giveUpMonoMs = Math.min(untilMonoMs, clock.monotonicMs() + RECONNECT_MAX_MS);
    }
    await clock.sleep(RETRY_MS, { signal: right.signal }).catch(() => undefined);
  }
  return unheard(action, step, { reply: last, why: right.reason(), wasSent });
}

/** Honest both ways: what never left is not asked about, what may have arrived is (S12). */
function mayHaveArrived(reply: HookReply): boolean {
  switch (reply.kind) {
    case 'unsent':
      return false;
    case 'deadline':
    case 'aborted':
      return reply.wasSent;
    default:
      return true;
  }
}

async function greet(action: HttpActionConfig, step: CarriedStep, { clock }: HttpCarrierOptions): Promise<HookReply> {
  const hello = { call: 'hello', message: messageOf(step), timeoutMs: HELLO_MS, signal: step.signal };
  let reply = await callHook(action, hello, clock);
  for (let attempt = 1; attempt < HELLO_ATTEMPTS && (reply.kind === 'unsent' || reply.kind === 'lost'); attempt += 1) {
    await clock.sleep(RETRY_MS, { signal: step.signal }).catch(() => undefined);
    reply = await callHook(action, hello, clock);
  }
  return reply;
}

function messageOf({ context, action, part, timeoutMs }: Omit<CarriedStep, 'signal'>): object {
  return { protocol: 1, action, part, context, timeoutMs };
}

function judgeGo(
  action: HttpActionConfig,
  step: CarriedStep,
  answer: unknown,
  options: HttpCarrierOptions,
): ActionResult {
  const result = readResult(answer, [...options.secrets, action.secret]);
  return result ?? withoutEvidence('failed', `${cannot(action, step)}: the hook's answer is not one of the protocol`);
}

function notGreeted(action: HttpActionConfig, step: CarriedStep, reply: HookReply, why: string | null): ActionResult {
  if (why !== null) return withoutEvidence('killed', `Cannot ${step.action}: ${why}`);
  const reason = reply.kind === 'answered' ? 'it gave no nonce, so it does no hello and go (S12)' : reply.reason;
  return withoutEvidence('failed', `${cannot(action, step)}: ${reason}; nothing was started`);
}

type Unheard = { readonly reply: HookReply | null; readonly why: string | null; readonly wasSent: boolean };

function unheard(action: HttpActionConfig, step: CarriedStep, { reply, why, wasSent }: Unheard): ActionResult {
  const after = wasSent ? '; it may have been done, its status tells' : '; nothing was started';
  if (why !== null) return withoutEvidence('killed', `Cannot ${step.action}: ${why}${after}`);
  const reason = reply === null || reply.kind === 'answered' ? 'no answer came in time' : reply.reason;
  return withoutEvidence(
    reply?.kind === 'deadline' ? 'timeout' : 'failed',
    `${cannot(action, step)}: ${reason}${after}`,
  );
}

async function askWord(
  action: HttpActionConfig,
  { context, action: name, signal }: Question,
  { clock, secrets }: HttpCarrierOptions,
): Promise<QueryAnswer> {
  const { timeoutMs } = action;
  const message = { protocol: 1, action: name, context, timeoutMs };
  const reply = await callHook(action, { call: 'query', message, timeoutMs, signal }, clock);
  const where = `Cannot query ${name} at ${action.url}`;
  if (reply.kind !== 'answered') return { kind: 'failed', reason: `${where}: ${reply.reason}`, evidence: NO_EVIDENCE };
  const said = readWord(reply.answer, [...secrets, action.secret]);
  if (said?.word != null) return { kind: 'said', word: said.word, evidence: said.evidence };
  const reason = said === null ? "the hook's answer is not one of the protocol" : said.reason || 'it said nothing';
  return { kind: 'failed', reason: `${where}: ${reason}`, evidence: said?.evidence ?? NO_EVIDENCE };
}

async function recall(
  action: HttpActionConfig,
  { context, signal }: Question,
  { clock, secrets }: HttpCarrierOptions,
): Promise<Recalled> {
  const message = { protocol: 1, action: 'status', context };
  const reply = await callHook(action, { call: 'status', message, timeoutMs: HELLO_MS, signal }, clock);
  const recalled = reply.kind === 'answered' ? readStatus(reply.answer, [...secrets, action.secret]) : null;
  if (recalled !== null) return recalled;
  const why = reply.kind === 'answered' ? 'its answer is not one of the protocol' : reply.reason;
  const reason = `Cannot ask the hook at ${action.url}: ${why}`;
  const unknown = { role: 'unknown', running: null, lastResult: null, isStarting: false, isHeard: false } as const;
  return { ...unknown, generation: 0, epoch: 0, step: 0, reason };
}

function cannot({ url }: HttpActionConfig, { action }: CarriedStep): string {
  return `Cannot ${action} by the hook at ${url}`;
}
