// What many runs come to: medians to quote, extremes to be honest about. It judges nothing.
import type { Figures } from './one-run.ts';

export type Summary = {
  readonly runs: number;
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  /** All but detection, scripts and verify. */
  readonly overheadMs: number;
  readonly detectionMs: number;
  readonly scriptsMs: number;
  readonly verifyMs: number;
  /** Median duration of each phase. */
  readonly phases: Readonly<Record<string, number>>;
};

export function summarise(runs: readonly Figures[]): Summary {
  const totals = runs.map((run) => run.totalMs);
  const names = [...new Set(runs.flatMap((run) => Object.keys(run.phases)))];
  return {
    runs: runs.length,
    medianMs: median(totals),
    minMs: Math.round(Math.min(...totals)),
    maxMs: Math.round(Math.max(...totals)),
    overheadMs: median(runs.map((run) => run.overheadMs)),
    detectionMs: median(runs.map((run) => run.detectionMs)),
    scriptsMs: median(runs.map((run) => run.scriptsMs)),
    verifyMs: median(runs.map((run) => run.verifyMs)),
    phases: Object.fromEntries(names.map((name) => [name, median(runs.map((run) => run.phases[name] ?? 0))])),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = 0, high = 0] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return Math.round((low + high) / 2);
}
