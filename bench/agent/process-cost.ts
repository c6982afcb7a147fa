// What one process has of the memory of its machine, and what it has used of its time, as the kernel counts them.
import { readFileSync } from 'node:fs';

export type Usage = {
  readonly atMs: number;
  readonly ticks: number;
  readonly rssKb: number;
  /** Each page divided by the number of processes that have it: says less the more of them run. */
  readonly pssKb: number;
  /** Pages that no file stands behind: nobody else has them. */
  readonly ownKb: number;
};

export type Cost = {
  readonly rssMb: number;
  readonly pssMb: number;
  readonly ownMb: number;
  /** Of one core. */
  readonly cpuPercent: number;
};

/** USER_HZ, the same on every Linux that Node runs on. */
const TICK_MS = 10;
const KB_PER_MB = 1_024;

export function readUsage(pid: number): Usage {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the program may hold spaces; what follows it does not.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  return {
    atMs: performance.now(),
    ticks: user + system,
    rssKb: fieldOf(rollup, 'Rss'),
    pssKb: fieldOf(rollup, 'Pss'),
    ownKb: fieldOf(rollup, 'Anonymous'),
  };
}

function fieldOf(rollup: string, name: string): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(rollup)?.[1];
  if (found === undefined) throw new Error(`Cannot read smaps_rollup: it has no ${name}`);
  return Number(found);
}

/** Memory as it is at the end. */
export function costBetween(before: Usage, after: Usage): Cost {
  return {
    rssMb: megabytes(after.rssKb),
    pssMb: megabytes(after.pssKb),
    ownMb: megabytes(after.ownKb),
    cpuPercent: round((100 * (after.ticks - before.ticks) * TICK_MS) / (after.atMs - before.atMs)),
  };
}

export type Together = Cost & {
  /** What the machine would miss if nothing else on it ran Node: files that several of them have are there once. */
  readonly asIfAloneMb: number;
};

export function together(costs: readonly Cost[]): Together {
  const sum = (pick: (cost: Cost) => number) => round(costs.reduce((total, cost) => total + pick(cost), 0));
  const ownMb = sum(({ ownMb }) => ownMb);
  return {
    rssMb: sum(({ rssMb }) => rssMb),
    pssMb: sum(({ pssMb }) => pssMb),
    ownMb,
    cpuPercent: sum(({ cpuPercent }) => cpuPercent),
    asIfAloneMb: round(ownMb + Math.max(...costs.map((cost) => cost.rssMb - cost.ownMb))),
  };
}

function megabytes(kb: number): number {
  return round(kb / KB_PER_MB);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
