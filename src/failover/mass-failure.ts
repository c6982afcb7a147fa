// The brake of S36: when many hosts that hold an active node fail at once, the cause is more likely in what the probers share
// than in the hosts. It counts hosts, not services, and holds new automatic operations only.

/** Fewer failed hosts than this never brake. */
const MASS_FAILURE_MIN = 3;
/** Share of the hosts that hold an active node. */
const MASS_FAILURE_RATIO = 0.3;

/** Where the active node of one service is, and whether the quorum holds it down. */
export type ActiveHost = { readonly host: string; readonly isDown: boolean };

/** How many hosts hold an active node, each counted once, and on how many of them one is down. */
export type HostCounts = { readonly holding: number; readonly down: number };

/** The reason to hold, or null. */
export function massFailure({ holding, down }: HostCounts): string | null {
  if (down < MASS_FAILURE_MIN || down <= holding * MASS_FAILURE_RATIO) return null;
  return `${down} of ${holding} hosts with an active node are down at once`;
}
