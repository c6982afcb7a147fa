// The process group of an action: whether anything of it still runs, and how to end all of it for certain.
// The identity of its first process guards against killing strangers that got the same number later.
import { readdirSync } from 'node:fs';
import type { Clock } from '../../base/clock.ts';
import { hasEnded, type ProcessIdentity, readBootId, readProcessStat } from './process-identity.ts';

/** How often the kernel is asked while a killed group ends; a kill takes effect within a few milliseconds. */
const POLL_MS = 10;
/** S9: kill time. What is not gone by then hangs in the kernel, and waiting longer would not end it. */
export const KILL_TIME_MS = 1_000;

/** Whether a process of the group runs. Zombies do not count: they run no code, and a stopped parent may keep them. */
export function isGroupAlive(leader: ProcessIdentity): boolean {
  if (!isSignallable(leader.pid) || readBootId() !== leader.bootId) return false;
  const now = readProcessStat(leader.pid);
  // Somebody else has the number, which the kernel gives away only when the group is empty.
  if (now !== null && now.startTicks !== leader.startTicks) return false;
  return readdirSync('/proc').some((name) => {
    const stat = /^\d+$/.test(name) ? readProcessStat(Number(name)) : null;
    return stat !== null && stat.groupId === leader.pid && !hasEnded(stat) && stat.startTicks >= leader.startTicks;
  });
}

/** Sends a signal to every process of the group, if it is still this one. Safe to repeat. */
export function signalGroup(leader: ProcessIdentity, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (!isGroupAlive(leader)) return;
  try {
    process.kill(-leader.pid, signal);
  } catch {
    // ESRCH: it ended by itself between the look and the signal.
  }
}

/** Kills the group and waits until nothing of it runs. False when something hangs in the kernel. Safe to repeat. */
export async function endGroup(leader: ProcessIdentity, clock: Clock): Promise<boolean> {
  const untilMonoMs = clock.monotonicMs() + KILL_TIME_MS;
  // Killing again in each round catches what forked in the same instant.
  for (;;) {
    if (!isGroupAlive(leader)) return true;
    signalGroup(leader, 'SIGKILL');
    if (clock.monotonicMs() >= untilMonoMs) return false;
    await pause(clock);
  }
}

function pause(clock: Clock): Promise<void> {
  return clock.sleep(POLL_MS, { signal: new AbortController().signal });
}

function isSignallable(groupId: number): boolean {
  try {
    return process.kill(-groupId, 0);
  } catch (error) {
    // EPERM: it is there and belongs to another user (a script that changed its user).
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
