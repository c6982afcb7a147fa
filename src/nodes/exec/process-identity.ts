// Tells processes apart although the kernel uses their numbers again: a process is its id, its start time and the boot it
// was started in. Reads /proc, so the exec driver needs Linux.
import { readFileSync } from 'node:fs';

export type ProcessIdentity = {
  readonly pid: number;
  /** Clock ticks after boot at which it started, as /proc shows them. */
  readonly startTicks: number;
  readonly bootId: string;
};

export type ProcessStat = {
  readonly state: string;
  readonly groupId: number;
  readonly startTicks: number;
};

export function readBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
}

/** What the kernel says of a process now, or null when there is none. */
export function readProcessStat(pid: number): ProcessStat | null {
  const text = readStat(pid);
  if (text === null) return null;
  // proc(5): the name in parentheses may hold anything, so the fields are counted from its last parenthesis.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', groupId: Number(fields[2]), startTicks: Number(fields[19]) };
}

/** The identity of a process that runs, or null when there is none (a zombie has ended). */
export function identifyProcess(pid: number): ProcessIdentity | null {
  const stat = readProcessStat(pid);
  return stat === null || hasEnded(stat) ? null : { pid, startTicks: stat.startTicks, bootId: readBootId() };
}

export function isSameProcessAlive({ pid, startTicks, bootId }: ProcessIdentity): boolean {
  const stat = readProcessStat(pid);
  return stat !== null && !hasEnded(stat) && stat.startTicks === startTicks && readBootId() === bootId;
}

/** A zombie waits for its parent to look; it runs no code. */
export function hasEnded({ state }: ProcessStat): boolean {
  return state === 'Z' || state === 'X';
}

function readStat(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    // ENOENT and ESRCH: it ended, possibly between opening and reading.
    return null;
  }
}
