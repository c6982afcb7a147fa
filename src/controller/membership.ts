// Who belongs to the cluster: the probers of the configuration in force (S7). Others may run and answer DNS, such as one that
// is about to join or to leave; they do not vote and do not lead.
import type { ProberId } from '../base/ids.ts';
import type { Config } from '../config/config.ts';

export function isMember({ cluster }: Config, id: ProberId): boolean {
  return cluster.probers.some((prober) => prober.id === id);
}

/**
 * Whether a prober whose record shows `digest` runs another configuration than the one in force: it cannot load that one, or
 * has not begun with it yet. What it sees is of other addresses, by other checks (S7). An older release tells no digest.
 */
export function runsAnother(digest: string | null, inForceDigest: string | null): boolean {
  return digest !== null && inForceDigest !== null && digest !== inForceDigest;
}
