// Ends a command that takes too long: SIGTERM first, SIGKILL when that has not helped.
import type { Clock } from '../base/clock.ts';
import type { RunningCommand } from './start-command.ts';

/** What a command gets to end in order. */
const GRACE_MS = 5_000;

export type TimeLimit = { readonly isOver: () => boolean; readonly stop: () => void };

/** null: there is no limit. `onOver` is called once. */
export function limitTime(
  timeoutMs: number | null,
  { clock, command, onOver }: { readonly clock: Clock; readonly command: RunningCommand; readonly onOver: () => void },
): TimeLimit {
  if (timeoutMs === null) return { isOver: () => false, stop: () => {} };
  let isOver = false;
  let timer = clock.timer(timeoutMs, () => {
    isOver = true;
    onOver();
    command.signalAll('SIGTERM');
    timer = clock.timer(GRACE_MS, () => command.signalAll('SIGKILL'));
  });
  return { isOver: () => isOver, stop: () => timer.stop() };
}
