// What the holder of a lease is told to hold, and what it tells of it.
import type { LeaseTerms, Renewal } from '../ports/agent-link.ts';

/** What the lease rests on now. */
export type Standing = {
  readonly epoch: number;
  /** Before the last granted renewal was sent (S3). */
  readonly renewedBootMs: number;
  readonly renewEveryMs: number;
  /** null: the service outlives it, or nobody is sure to end the service. */
  readonly stopBootMs: number | null;
};

export type Held = {
  readonly epoch: number;
  readonly terms: LeaseTerms;
  /** Who certainly kills at the deadline; `none` where that cannot be promised. */
  readonly enforced: Renewal['enforced'];
  /** The keeper owns the service, and is told every deadline. */
  readonly isKept: boolean;
  /** `stay`: the service outlives its lease, which therefore proves nothing (S37). */
  readonly stops: boolean;
  /** When nobody renews, the word of everybody who is asked lets the service go on (S37). */
  readonly asksPeers: boolean;
  /** When the keeper kills what runs here already, by an agent that ran before; null: nothing runs. */
  readonly keptUntilBootMs: number | null;
};
