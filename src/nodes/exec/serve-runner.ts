// The loop of the runner: takes steps from the controller, and ends every script when the controller's right to act ends,
// when the controller asks for it, or when the controller itself is gone (S12). It decides when; run-step.ts does the rest.
import type { Readable, Writable } from 'node:stream';
import { assertNever } from '../../base/assert-never.ts';
import type { Clock } from '../../base/clock.ts';
import type { ActionResult } from '../../ports/node-driver.ts';
import { faultReason } from '../fault-reason.ts';
import { recordInterrupted } from './await-other-claim.ts';
import type { Guard } from './guard.ts';
import { endGroup } from './process-group.ts';
import { isSameProcessAlive, type ProcessIdentity } from './process-identity.ts';
import { recordAdoption, recordOff } from './record-step.ts';
import { runStep, type StepDependencies } from './run-step.ts';
import { createLineDecoder, encodeLine, type FromRunner, type ToRunner } from './runner-protocol.ts';

export type RunnerOptions = {
  readonly clock: Clock;
  readonly guard: Guard;
  readonly owner: ProcessIdentity;
  readonly input: Readable;
  readonly output: Writable;
  readonly pauseBefore?: StepDependencies['pauseBefore'];
};

type Request = Exclude<ToRunner, { kind: 'deadline' | 'cancel' }>;

/** How often the deadline is compared with a clock that counts suspension, which no timer does (S2). */
const WATCH_MS = 50;
/** A controller runs a handful of operations at once; more requests than this are a fault of it. */
const REQUESTS_MAX = 64;
const GONE = 'the controller is gone';

/** Resolves when the input has ended and every script with it. */
export async function serveRunner(options: RunnerOptions): Promise<void> {
  const { clock, guard, owner, input, output } = options;
  // Nothing may act before the controller has said until when.
  const state = { untilBootMs: 0, isWatching: false };
  const inFlight = new Map<number, { readonly controller: AbortController; readonly done: Promise<void> }>();
  const say = (message: FromRunner) => output.write(encodeLine(message));
  const endAll = (reason: string) => {
    for (const { controller } of inFlight.values()) controller.abort(reason);
  };
  // The reader may be gone before we are; the end of the input tells us so.
  output.on('error', () => {});

  function watch(): void {
    state.isWatching = inFlight.size > 0;
    if (!state.isWatching) return;
    if (clock.bootMs() >= state.untilBootMs) endAll("the controller's right to act has ended (S8)");
    clock.timer(WATCH_MS, watch);
  }

  function begin(message: Request): void {
    const controller = new AbortController();
    const deps = { ...options, untilBootMs: () => state.untilBootMs, signal: controller.signal };
    const done = answer(message, deps).then((result) => {
      inFlight.delete(message.id);
      say({ kind: 'answer', id: message.id, result });
    });
    inFlight.set(message.id, { controller, done });
    if (!state.isWatching) watch();
  }

  function take(message: ToRunner): void {
    if (message.kind === 'cancel') {
      inFlight.get(message.id)?.controller.abort('the caller gave up');
      return;
    }
    state.untilBootMs = message.untilBootMs;
    if (message.kind === 'deadline') return;
    if (inFlight.size < REQUESTS_MAX) begin(message);
    else say({ kind: 'answer', id: message.id, result: fault(`Cannot act: ${REQUESTS_MAX} actions run already`) });
  }

  await endOrphans({ clock, guard, owner });
  const ended = new Promise<void>((resolve) => input.once('close', resolve));
  input.on('data', createLineDecoder<ToRunner>(take));
  input.once('end', () => endAll(GONE));
  input.once('error', () => endAll(GONE));
  say({ kind: 'ready', guardIdentity: guard.identity });
  await ended;
  endAll(GONE);
  await Promise.all([...inFlight.values()].map(({ done }) => done));
}

/** Never rejects: a guard that cannot be used is an answer too, with its code in front. */
async function answer(message: Request, deps: StepDependencies): Promise<ActionResult> {
  try {
    switch (message.kind) {
      case 'run':
        return await runStep(message.request, deps);
      case 'adopt':
        return recordAdoption(message, deps);
      case 'off':
        return recordOff(message, deps);
      default:
        return assertNever(message);
    }
  } catch (error) {
    return fault(faultReason(error));
  }
}

/** Scripts of runners that were killed are bound by nobody any more: they end here, before anything else begins. */
async function endOrphans({ clock, guard }: Pick<RunnerOptions, 'clock' | 'guard' | 'owner'>): Promise<void> {
  for (const group of guard.liveGroups(null)) {
    if (isSameProcessAlive(group.owner)) continue;
    if (await endGroup(group.leader, clock)) {
      recordInterrupted(group.claim, guard);
      guard.forgetGroup(group.claim);
    }
  }
}

function fault(reason: string): ActionResult {
  const evidence = { exitCode: null, signal: null, output: '', durationMs: 0 };
  return { kind: 'failed', reason, evidence, repeated: false };
}
