// Does one step on the node. A start waits for a renewal that was sent after it was asked for, with the keeper armed; a stop
// counts as done only when nothing of the service is left (S14, S17).
import { assertNever } from '../base/assert-never.ts';
import type { Clock } from '../base/clock.ts';
import type { ServiceId } from '../base/ids.ts';
import type { AgentAction, AgentOrder } from '../ports/agent-link.ts';
import type { Keeper } from '../ports/keeper.ts';
import type { ActionResult } from '../ports/node-driver.ts';
import type { RunCommand } from '../ports/run-command.ts';
import { stepResult } from './step-result.ts';

export type OrderDeps = {
  /** What is configured for the action, or null. */
  readonly action: AgentAction | null;
  readonly service: ServiceId;
  readonly keeper: Keeper;
  readonly clock: Clock;
  readonly runCommand: RunCommand;
  readonly parentEnv: Readonly<Record<string, string>>;
  readonly stopTimeoutMs: number;
  readonly isRunning: boolean;
  /** A process that the keeper owns, and not something that a command leaves behind. */
  readonly isKept: boolean;
  /** It was started here, and the keeper that owned it is gone and has not taken it along (S16). */
  readonly isLost: boolean;
  /** The service is this systemd unit; null: it is a program. */
  readonly unit: string | null;
  /** Aborts when another step takes the place of this one. */
  readonly signal: AbortSignal;
  /** Holds the lease of the epoch of the order; true with the first renewal sent from now on, false when none will come. */
  readonly fresh: () => Promise<boolean>;
  readonly onSpawned: (pid: number) => void;
  /** Nothing of it is left; before that is told to anybody. */
  readonly onStopped: () => void;
};

/** Never rejects. */
export async function doOrder(order: AgentOrder, deps: OrderDeps): Promise<ActionResult> {
  const limit = new AbortController();
  const deadline = deps.clock.timer(order.timeoutMs, () => limit.abort());
  const signal = AbortSignal.any([deps.signal, limit.signal]);
  try {
    return await act(order, deps, signal);
  } catch (error) {
    return stepResult('failed', error instanceof Error ? error.message : String(error));
  } finally {
    deadline.stop();
  }
}

async function act(order: AgentOrder, deps: OrderDeps, signal: AbortSignal): Promise<ActionResult> {
  switch (order.action) {
    case 'start':
      return start(order, deps, signal);
    case 'adopt':
      return adopt(deps, signal);
    case 'stop':
      return stop(order, deps, signal);
    case 'sync':
    case 'resync':
    case 'drain':
    case 'undrain':
      return command(order, deps, signal);
    default:
      return assertNever(order.action);
  }
}

async function start(order: AgentOrder, deps: OrderDeps, signal: AbortSignal): Promise<ActionResult> {
  const { action, keeper, service, parentEnv } = deps;
  if (action === null) return stepResult('failed', 'no start action is configured');
  if (deps.isLost && deps.unit === null) return stepResult('failed', LOST);
  if (!(await isFresh(deps, signal))) return stepResult('timeout', 'no renewal of the lease was granted in time');
  if (action.kind === 'command') return command(order, deps, signal);
  const { epoch, step } = order.context;
  const what =
    action.kind === 'unit'
      ? { argv: ['systemctl', 'start', action.unit], cwd: null, env: {}, unit: action.unit }
      : { argv: action.argv, cwd: action.cwd, env: { ...parentEnv, ...action.env, ...order.env } };
  const answer = await keeper.spawn({ service, epoch, step, ...what }, { signal });
  if (answer.kind !== 'spawned') return stepResult('failed', answer.reason);
  deps.onSpawned(answer.pid);
  return stepResult('done', action.kind === 'unit' ? `unit ${action.unit}` : `process ${answer.pid}`);
}

/** S11: keeps what runs and starts nothing. */
async function adopt(deps: OrderDeps, signal: AbortSignal): Promise<ActionResult> {
  if (!deps.isRunning) return stepResult('failed', 'nothing runs here that the keeper owns');
  if (await isFresh(deps, signal)) return stepResult('done', 'the running process is kept');
  return stepResult('timeout', 'no renewal of the lease was granted in time');
}

async function stop(order: AgentOrder, deps: OrderDeps, signal: AbortSignal): Promise<ActionResult> {
  const { action, keeper, service, stopTimeoutMs, unit } = deps;
  // What a command has to say to the service, before the keeper ends whatever it owns of it.
  const said = action?.kind === 'command' ? await command(order, deps, signal) : null;
  const graceMs = Math.min(stopTimeoutMs, order.timeoutMs);
  const answer = await keeper.stop({ service, graceMs, ...(unit === null ? {} : { unit }) }, { signal });
  if (answer.kind === 'stillRunning') return stepResult('failed', answer.reason);
  deps.onStopped();
  // S17: what nobody can look at is not acknowledged. A unit was looked at just now, whoever had started it.
  if (deps.isLost && unit === null) return stepResult('failed', LOST);
  if (said === null && !deps.isKept) return stepResult('failed', 'no stop action is configured');
  return said ?? stepResult('done', 'nothing of it is left');
}

async function command(order: AgentOrder, deps: OrderDeps, signal: AbortSignal): Promise<ActionResult> {
  const { action, parentEnv, runCommand } = deps;
  if (action?.kind !== 'command') return stepResult('failed', `no command is configured for ${order.action}`);
  const spec = { argv: action.argv, cwd: action.cwd, env: { ...parentEnv, ...action.env, ...order.env } };
  const { kind, exitCode, signal: ended, output, reason, durationMs } = await runCommand(spec, { signal });
  const evidence = { exitCode, signal: ended, output, durationMs };
  if (kind === 'deadline') return { kind: 'timeout', reason, evidence, repeated: false };
  const isDone = kind === 'exited' && exitCode === 0;
  return { kind: isDone ? 'done' : 'failed', reason: isDone ? 'exit code 0' : reason, evidence, repeated: false };
}

/** False when the time is over, or another step has come, before a renewal was granted. */
async function isFresh({ fresh }: OrderDeps, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  const aborted = new Promise<boolean>((resolve) =>
    signal.addEventListener('abort', () => resolve(false), { once: true }),
  );
  return (await Promise.race([fresh(), aborted])) && !signal.aborted;
}

const LOST = 'its keeper has died, nothing binds a service to it on this machine, and what it owned may still run';
