// The brake of S36: when many hosts that hold an active node fail at once, the cause is more likely in what the probers share
// than in the hosts. It counts hosts, not services, and holds new automatic operations only.

/** Fewer failed hosts than this never brake. */
const MASS_FAILURE_MIN = 3;
/** Share of the hosts that hold an active node. */
const MASS_FAILURE_RATIO = 0.3;

export type ActiveHost = { readonly host: string; readonly isDown: boolean };

/** The reason to hold, or null. One entry for each service that has an active node; hosts may repeat. */
export function massFailure(actives: readonly ActiveHost[]): string | null {
  const hosts = new Set(actives.map((active) => active.host));
  const down = new Set(actives.filter((active) => active.isDown).map((active) => active.host));
  if (down.size < MASS_FAILURE_MIN || down.size <= hosts.size * MASS_FAILURE_RATIO) return null;
  return `${down.size} of ${hosts.size} hosts with an active node are down at once`;
}
