// Watches the state of the node while a command runs, and ends it when the node stops being active: SIGTERM first, SIGKILL at
// the latest when the lease that it knew ends. For commands that want to end in order, and where there is no keeper.
import type { Clock } from '../base/clock.ts';
import { decideStay, LEASE_LEFT_MIN_MS, type RunDecision, type RunQuestion } from './decide-run.ts';
import { readNodeState } from './read-node-state.ts';

export type LossOptions = {
  readonly clock: Clock;
  readonly decision: Extract<RunDecision, { readonly kind: 'run' }>;
  readonly statePath: string;
  readonly question: () => RunQuestion;
  readonly onTerminate: (reason: string) => void;
  readonly onKill: () => void;
  /** Aborts when the command has ended. */
  readonly over: AbortSignal;
};

/** No timer counts suspension: the clock that does is compared this often (S2). */
const LOOK_MS = 200;
/** What a command gets to end in order, if its lease lasts so long. */
const GRACE_MS = 5_000;

export function watchForLoss(options: LossOptions): void {
  const { clock, decision, statePath, question, over } = options;
  let untilBootMs = decision.activeUntilBootMs;
  let killAtBootMs: number | null = null;

  function lookForLoss(now: RunQuestion): void {
    const state = readNodeState(statePath);
    const stay: RunDecision = state.ok
      ? decideStay(state.value, { ...now, epoch: decision.epoch, untilBootMs })
      : { kind: 'refuse', reason: state.error };
    if (stay.kind === 'run') {
      untilBootMs = stay.activeUntilBootMs;
      return;
    }
    const nowBootMs = now.nowBootMs ?? 0;
    // The last second of the lease is for the kill itself.
    killAtBootMs = Math.min(
      nowBootMs + GRACE_MS,
      Math.max(nowBootMs, (untilBootMs ?? Infinity) - LEASE_LEFT_MIN_MS / 2),
    );
    options.onTerminate(stay.reason);
  }

  function look(): void {
    if (over.aborted) return;
    const now = question();
    if (killAtBootMs === null) lookForLoss(now);
    else if (now.nowBootMs === null || now.nowBootMs >= killAtBootMs) options.onKill();
    clock.timer(LOOK_MS, look);
  }

  clock.timer(LOOK_MS, look);
}
