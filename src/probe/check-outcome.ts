// What running a check gives: its result, and whether something of it is still there.
import type { ProbeResult } from '../health/probe-result.ts';

export type CheckOutcome = {
  readonly result: ProbeResult;
  /** Resolves when the check may run again: its process or name lookup is gone (S23). Null when nothing is left. */
  readonly lingering: Promise<void> | null;
};
