// What the kernel says of processes, read from /proc. A process is its id and its start time: the kernel gives ids away again,
// and a stranger that got the id of a dead service must not be killed.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export type ProcessIdentity = { readonly pid: number; readonly startTicks: number };

export type ProcessStat = ProcessIdentity & {
  /** One letter of proc(5): R, S, D, T, Z ... */
  readonly state: string;
  readonly parentPid: number;
  readonly groupId: number;
  readonly sessionId: number;
};

/** null: there is no such process. */
export function readProcess(pid: number): ProcessStat | null {
  const text = readOrNull(`/proc/${pid}/stat`);
  if (text === null) return null;
  // The name in parentheses may hold anything, so the fields are counted from its last parenthesis.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [parentPid, groupId, sessionId] = [Number(fields[1]), Number(fields[2]), Number(fields[3])];
  return { pid, startTicks: Number(fields[19]), state: fields[0] ?? '', parentPid, groupId, sessionId };
}

/** A zombie waits for its parent to look; it runs no code. */
export function isAlive({ pid, startTicks }: ProcessIdentity): boolean {
  const now = readProcess(pid);
  return now !== null && now.startTicks === startTicks && !hasEnded(now);
}

function hasEnded({ state }: ProcessStat): boolean {
  return state === 'Z' || state === 'X';
}

/** Every process that runs code. Those that end while we look are left out. */
export function listProcesses(): readonly ProcessStat[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids
    .map((name) => readProcess(Number(name)))
    .filter((stat) => stat !== null && !hasEnded(stat)) as ProcessStat[];
}

/** Names the pid namespace of a process, or null when there is no such process or we may not look. */
export function pidNamespaceOf(pid: number | 'self'): string | null {
  return linkOrNull(`/proc/${pid}/ns/pid`);
}

/** The program file that a process runs. */
export function programOf(pid: number): string | null {
  return linkOrNull(`/proc/${pid}/exe`);
}

/** Arguments joined by spaces. */
export function commandLineOf(pid: number): string | null {
  return readOrNull(`/proc/${pid}/cmdline`)?.replace(/\0$/, '').replaceAll('\0', ' ') ?? null;
}

/** Sends the signal if the process is still this one. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch {
    // ESRCH: it ended between the look and the signal.
  }
}

export function readBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // ENOENT and ESRCH: it ended, possibly between opening and reading.
    return null;
  }
}

function linkOrNull(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
