// One round of a bench of checks: a number of looks by one contender, the time they took, and the CPU time of its process.
import { readFileSync } from 'node:fs';

export type Kind = 'http' | 'tcp';

export type Contender = {
  readonly name: string;
  readonly pid: number;
  /** Makes the looks, several at a time; rejects unless every one passed. */
  readonly look: (kind: Kind, port: number, checks: number) => Promise<void>;
};

export type Round = {
  readonly checksPerSecond: number;
  readonly checksPerCoreSecond: number;
  readonly cpuMicrosPerCheck: number;
};

/** Looks under way at one time. */
export const SIDE_BY_SIDE = 16;

export type RoundPlan = { readonly kind: Kind; readonly port: number; readonly checks: number };

export async function measureRound(contender: Contender, { kind, port, checks }: RoundPlan): Promise<Round> {
  const cpuBeforeMs = cpuMs(contender.pid);
  const beganMs = performance.now();
  await contender.look(kind, port, checks);
  const tookMs = performance.now() - beganMs;
  const usedMs = Math.max(1, cpuMs(contender.pid) - cpuBeforeMs);
  return {
    checksPerSecond: Math.round((checks * 1_000) / tookMs),
    checksPerCoreSecond: Math.round((checks * 1_000) / usedMs),
    cpuMicrosPerCheck: Math.round((usedMs * 1_000) / checks),
  };
}

/** Linux counts the CPU time of a process in ticks of 10 ms (proc(5), fields 14 and 15 of stat). */
function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
