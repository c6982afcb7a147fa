// How many results make a verdict, and over how long. The resolved CheckConfig has this shape.

export type HealthRules = {
  /** Failing results in a row, rechecks included, until down (S24). */
  readonly fall: number;
  /** Passing results in a row until up. */
  readonly rise: number;
  /** Shortest time from the end of the first to the end of the last of `fall` failures (S24). */
  readonly minDownMs: number;
  readonly intervalMs: number;
  /** Rhythm of looking again while a suspicion is open; the interval where a check has no recheck. */
  readonly recheckMs?: number;
  /** Longest run of one check; zero where it is not known. */
  readonly timeoutMs?: number;
};
