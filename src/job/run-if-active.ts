// `run-if-active`: runs a command on the active node and nowhere else, and lets nothing of it outlive the lease (S16). For
// crontabs and units, so what is not known is a refusal, and a refusal has an exit code of its own.
import { constants } from 'node:os';
import type { Clock } from '../base/clock.ts';
import { readBootId } from '../keeper/process-table.ts';
import { decideStart, type RunDecision, type RunQuestion } from './decide-run.ts';
import { type HeldRoom, holdRoom } from './hold-room.ts';
import { readNodeState } from './read-node-state.ts';
import { type RunOptions, TIMED_OUT } from './run-options.ts';
import { type RunResult, writeRunResult } from './run-result.ts';
import { type RunningCommand, startCommand } from './start-command.ts';
import { limitTime } from './time-limit.ts';
import { watchForLoss } from './watch-for-loss.ts';

/** How long the word of the agent is waited for after a command was killed. */
const KILL_LOOKS = 10;
const KILL_LOOK_MS = 100;
const NEVER = new AbortController().signal;

export type RunDeps = {
  readonly clock: Clock;
  /** On the clock that counts suspension, which other processes read too; null where there is none (S2). */
  readonly readBootMs: () => number | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
  /** Calls back with each signal that this process gets, until the returned function is called. */
  readonly onSignal: (listener: (signal: NodeJS.Signals) => void) => () => void;
};

/** The exit code of the command, or of not running it. Never rejects. */
export async function runIfActive(options: RunOptions, deps: RunDeps): Promise<number> {
  const result = await findResult(options, deps);
  if (options.resultPath !== null) writeRunResult(options.resultPath, result, deps.say);
  return result.code;
}

async function findResult(options: RunOptions, deps: RunDeps): Promise<RunResult> {
  const signals = collectSignals(deps);
  const refuse = (reason: string): RunResult => {
    if (!options.isQuiet) deps.say(`oneup run-if-active: ${options.service}: not run: ${reason}`);
    return { kind: 'refused', code: options.elseExit, reason };
  };
  let held: HeldRoom | null = null;
  try {
    const first = decide(options, deps);
    if (first.kind === 'refuse') return refuse(first.reason);
    const room = options.needsKeeper ? await holdRoom({ ...options, ...deps, epoch: first.epoch }) : null;
    if (room !== null && !room.ok) return refuse(`${room.error}; --no-keeper does without`);
    held = room?.value ?? null;
    // Time has passed, and more of it when the machine was suspended meanwhile.
    const now = decide(options, deps);
    if (now.kind === 'refuse') return refuse(now.reason);
    if (now.epoch !== first.epoch) return refuse('its epoch has changed meanwhile');
    const ending = signals.ending();
    if (ending !== null) return ended(128 + constants.signals[ending], `${ending} came before it had begun`);
    return await runCommand(options, deps, { decision: now, held, signals });
  } finally {
    signals.stop();
    held?.close();
  }
}

type Signals = {
  /** What should have ended us before there was a command. */
  readonly ending: () => NodeJS.Signals | null;
  readonly passTo: (forward: RunningCommand['forward']) => void;
  readonly stop: () => void;
};

function collectSignals({ onSignal }: RunDeps): Signals {
  let ending: NodeJS.Signals | null = null;
  let forward: RunningCommand['forward'] | null = null;
  const stop = onSignal((signal) => {
    if (forward !== null) forward(signal);
    else if (signal !== 'SIGCONT' && signal !== 'SIGWINCH') ending ??= signal;
  });
  return {
    ending: () => ending,
    passTo: (given) => {
      forward = given;
    },
    stop,
  };
}

type Allowed = {
  readonly decision: Extract<RunDecision, { readonly kind: 'run' }>;
  readonly held: HeldRoom | null;
  readonly signals: Signals;
};

async function runCommand(options: RunOptions, deps: RunDeps, allowed: Allowed): Promise<RunResult> {
  const { decision, held, signals } = allowed;
  const { service, argv } = options;
  const { node, epoch } = decision;
  const env = { ...deps.env, ONEUP_SERVICE: service, ONEUP_NODE: node, ONEUP_EPOCH: String(epoch) };
  const command = startCommand({ argv, env, namespace: held?.namespace ?? null });
  signals.passTo(command.forward);
  const over = new AbortController();
  const end = (why: string, signal: 'SIGTERM' | 'SIGKILL') => {
    deps.say(`oneup run-if-active: ${service}: the command is ended: ${why}`);
    command.signalAll(signal);
  };
  // What it held together dies with it; this is for a command that a broken connection has left.
  void held?.lost.then(() => (over.signal.aborted ? undefined : end('the keeper is gone', 'SIGKILL')));
  if (options.killsOnLoss) {
    const question = () => ask(options, deps);
    const onTerminate = (why: string) => end(why, 'SIGTERM');
    const onKill = () => command.signalAll('SIGKILL');
    const { statePath } = options;
    watchForLoss({ clock: deps.clock, decision, statePath, question, onTerminate, onKill, over: over.signal });
  }
  const limit = limitTime(options.timeoutMs, {
    ...{ clock: deps.clock, command },
    onOver: () => deps.say(`oneup run-if-active: ${service}: the command is ended: it takes too long`),
  });
  const { code, problem } = await command.ended;
  limit.stop();
  over.abort();
  if (problem !== null) deps.say(problem);
  if (limit.isOver()) return { kind: 'timeout', code: TIMED_OUT, reason: 'it took too long' };
  return code > 128 ? whyKilled(code, options, deps) : ended(code, problem ?? `exit code ${code}`);
}

/**
 * A signal may have come from the keeper or from us, and both send one when the node stops being active (S16). The keeper kills at
 * once, and the file that says why may be a moment late.
 */
async function whyKilled(code: number, options: RunOptions, deps: RunDeps): Promise<RunResult> {
  for (let look = 1; look <= KILL_LOOKS; look += 1) {
    const now = decide(options, deps);
    if (now.kind === 'refuse') return { kind: 'lost', code, reason: now.reason };
    await deps.clock.sleep(KILL_LOOK_MS, { signal: NEVER });
  }
  return ended(code, `exit code ${code}, so signal ${code - 128} has ended it`);
}

function ended(code: number, reason: string): RunResult {
  return { kind: 'ended', code, reason };
}

function ask({ service, maxAgeMs, allowsStarting }: RunOptions, { readBootMs }: RunDeps): RunQuestion {
  return { service, maxAgeMs, allowsStarting, bootId: readBootId(), nowBootMs: readBootMs() };
}

function decide(options: RunOptions, deps: RunDeps): RunDecision {
  const state = readNodeState(options.statePath);
  return state.ok ? decideStart(state.value, ask(options, deps)) : { kind: 'refuse', reason: state.error };
}
