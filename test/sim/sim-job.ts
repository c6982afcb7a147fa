// What a worker is asked to play, and what it answers: plain data that travels between processes.
import type { Totals } from './coverage.ts';

export type Job = {
  /** Rule that is left out of the source, by its id in mutations.ts; null plays what is there. */
  readonly mutation: string | null;
  readonly from: number;
  readonly seeds: number;
  /** The first violation is enough. */
  readonly stopsAtFirst: boolean;
};

export type Failure = { readonly seed: number; readonly invariant: string; readonly text: string };

export type JobResult = {
  readonly played: number;
  readonly failures: readonly Failure[];
  readonly totals: Totals;
  readonly eventCount: number;
};
