// One way of looking at a node. One attempt, one address, one deadline; never throws for what the node does.
import type { ProbeResult } from '../health/probe-result.ts';

/** The signal is the deadline: when it aborts, the result is what has been seen so far, as `fail` or `error`. */
export type Check<Spec> = (spec: Spec, options: { readonly signal: AbortSignal }) => Promise<ProbeResult>;
