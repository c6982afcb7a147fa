// What one run of one check found. `error` says that the prober could not look; it never counts as down (S22).

/** The phases of a check in order; a kind of check uses those that it has. */
export type CheckPhase = 'resolve' | 'connect' | 'tls' | 'firstByte' | 'body' | 'run';

/** Duration of each phase that was reached, in milliseconds. */
export type PhaseTimes = { readonly [phase in CheckPhase]?: number };

/** Whether the node's host answered at all: a refused connection is an answer, silence is not. */
export type Reach = 'reached' | 'unreached' | 'unknown';

export type ProbeResult =
  | { readonly kind: 'pass'; readonly phases: PhaseTimes; readonly detail: string }
  | {
      readonly kind: 'fail';
      readonly phases: PhaseTimes;
      /** Phase in which it failed. */
      readonly phase: CheckPhase;
      readonly reason: string;
      readonly reach: Reach;
    }
  | { readonly kind: 'error'; readonly phases: PhaseTimes; readonly reason: string };
