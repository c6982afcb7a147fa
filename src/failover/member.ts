// What the records hold of a node of an active-active service.

/** A node of an active-active service. */
export type Member = {
  /** The address at which the quorum held it up; null before that, and after people worked on it (S28). */
  readonly verified: string | null;
  /** It answers by its own health. */
  readonly isIn: boolean;
  /** It was away, and comes back after its resync action only. */
  readonly owesResync: boolean;
  /** Why its last resync failed. */
  readonly problem: string | null;
  /** How far its slow start is: from 1 to RAMP_STEPS. */
  readonly stage: number;
  /** A person took it out of the answer. */
  readonly drained: { readonly reason: string; readonly actor: string; readonly sinceWallMs: number } | null;
};
