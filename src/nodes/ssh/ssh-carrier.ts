// The `ssh` carrier: actions run on the node itself, under a guard that travels with them and remembers on the node (S12, S13).
// Every prober that reaches the node asks the same memory. It judges what the guard says and decides nothing else.
import type { Clock } from '../../base/clock.ts';
import { inheritedVariables, type ParentEnvironment } from '../../base/parent-environment.ts';
import type { Secret } from '../../base/secret.ts';
import type { SshActionConfig } from '../../config/config.ts';
import type { ActionResult } from '../../ports/node-driver.ts';
import type { ActionCarrier, CarriedStep } from '../action-carrier.ts';
import { actionVariables } from '../action-variables.ts';
import { askQuestion } from './ask-question.ts';
import { type Conversation, converse, type Said } from './converse.ts';
import { type GuardOrder, guardScript } from './guard-script.ts';
import { judgeAnswer, judgeSilence } from './judge-step.ts';
import { readAnswer } from './read-answer.ts';
import { recallRemote } from './recall-remote.ts';
import { sshArguments } from './ssh-arguments.ts';

export type SshCarrierOptions = {
  readonly clock: Clock;
  /** The controller's may-act deadline on the clock that counts suspension (S3); in the past when it has none. */
  readonly mayActUntilBootMs: () => number;
  /** Removed from all evidence. */
  readonly secrets: readonly Secret[];
  readonly parentEnv: ParentEnvironment;
  /** Another client than the `ssh` of PATH; tests use one that stops at will. */
  readonly program?: string;
};

/** From the start of ssh to hello: connecting, keys, login. */
const HELLO_MAX_MS = 10_000;
/** What the guard needs beyond the script's own time: ending what is older, forcing to disk, the way back. */
const GUARD_MS = 5_000;
/** Between two attempts to hear the result of a step whose connection was cut. */
const RETRY_MS = 500;
/** How long a node may stay away after a cut before the step counts as failed (S33). */
const RECONNECT_MAX_MS = 10_000;

export function createSshCarrier(options: SshCarrierOptions): ActionCarrier<SshActionConfig> {
  const { clock } = options;
  return {
    act: (action, step) => actUntilHeard(action, step, options),
    query: (action, question) =>
      askQuestion(action, question, {
        secrets: [...options.secrets, ...secretsOf(action)],
        ask: (signal) => {
          const order = { mode: 'query', ...question, part: 0, timeoutMs: action.timeoutMs } as const;
          const bounds = { helloMs: action.timeoutMs, answerMs: null, keep: 'tail' } as const;
          return talk(action, order, { ...options, bounds, signal });
        },
      }),
    adopt: (action, step) => actOnce('adopt', action, step, options).then(({ result }) => result),
    recall: (action, question) =>
      recallRemote(action, {
        secrets: options.secrets,
        ask: () => {
          const order = { mode: 'status', ...question, part: 0, timeoutMs: 0 } as const;
          const bounds = { helloMs: HELLO_MAX_MS, answerMs: null, keep: 'all' } as const;
          return talk(action, order, { ...options, bounds, signal: question.signal });
        },
      }),
    wasFired: () => false,
    recordOff: async (action, step) => {
      const mayWrite = clock.bootMs() < options.mayActUntilBootMs() && !step.signal.aborted;
      if (mayWrite) await actOnce('off', action, { ...step, timeoutMs: RECORD_MS }, options);
    },
  };
}

const RECORD_MS = 1_000;

type Attempt = { readonly result: ActionResult; readonly said: Said; readonly isAnswered: boolean };

/** A cut after `go` leaves the script running on the node, so the same step is asked for again: it is done once (S12). */
async function actUntilHeard(
  action: SshActionConfig,
  step: CarriedStep,
  options: SshCarrierOptions,
): Promise<ActionResult> {
  const { clock } = options;
  const untilMonoMs = clock.monotonicMs() + HELLO_MAX_MS + step.timeoutMs + GUARD_MS;
  let last = await actOnce('act', action, step, options);
  let lostMonoMs = clock.monotonicMs();
  while (isCut(last)) {
    const giveUpMonoMs = Math.min(untilMonoMs, lostMonoMs + RECONNECT_MAX_MS);
    const boundMs = untilMonoMs - clock.monotonicMs();
    if (clock.monotonicMs() >= giveUpMonoMs || step.signal.aborted) break;
    await clock.sleep(RETRY_MS, { signal: step.signal }).catch(() => undefined);
    const again = await actOnce('act', action, step, { ...options, boundMs });
    if (again.isAnswered) return again.result;
    if (!again.said.wasSent) continue;
    last = again;
    lostMonoMs = clock.monotonicMs();
  }
  return last.result;
}

function isCut({ isAnswered, said }: Attempt): boolean {
  return !isAnswered && said.wasSent && said.kind === 'ended';
}

async function actOnce(
  mode: 'act' | 'adopt' | 'off',
  action: SshActionConfig,
  step: CarriedStep,
  options: SshCarrierOptions & { readonly boundMs?: number },
): Promise<Attempt> {
  const { boundMs = Number.MAX_SAFE_INTEGER, secrets } = options;
  const order = { mode, ...step } as const;
  const helloMs = Math.min(HELLO_MAX_MS, boundMs);
  const answerMs = Math.min(step.timeoutMs + GUARD_MS, boundMs);
  const said = await talk(action, order, {
    ...options,
    bounds: { helloMs, answerMs, keep: 'all' },
    signal: step.signal,
  });
  const answer = readAnswer(said.stdout);
  const known = [...secrets, ...secretsOf(action)];
  const judged = { action, step, said, secrets: known };
  const result = answer === null ? judgeSilence(judged) : judgeAnswer(answer, judged);
  return { result, said, isAnswered: answer !== null };
}

type Talk = SshCarrierOptions & {
  readonly bounds: Pick<Conversation, 'helloMs' | 'answerMs' | 'keep'>;
  readonly signal: AbortSignal;
};

function talk(
  { target, command }: SshActionConfig,
  order: Pick<GuardOrder, 'mode' | 'action' | 'context' | 'part' | 'timeoutMs'>,
  { program = 'ssh', parentEnv, bounds, ...options }: Talk,
): Promise<Said> {
  const { mode, action, context, part, timeoutMs } = order;
  const isRun = mode === 'act' || mode === 'query';
  const script = guardScript({
    ...{ mode, action, context, part, timeoutMs, stateDir: target.stateDir },
    argv: isRun ? command.argv : [],
    variables: isRun ? actionVariables(context, { action, command }) : {},
  });
  const argv = [program, ...sshArguments(target)];
  return converse({ argv, env: inheritedVariables(parentEnv), script, ...bounds }, options);
}

function secretsOf({ command }: SshActionConfig): readonly Secret[] {
  return command.env.map(([, value]) => value);
}
