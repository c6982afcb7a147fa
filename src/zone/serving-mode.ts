// S30: what a name server still may say when the store has not been read for a while.
//
//   age of the last completed read      mode
//   up to lostAfter                     fresh
//   up to staleAfter                    lost: TTLs capped at suspect
//   beyond staleAfter, policy refuse    refuse
//   beyond staleAfter, policy serve     stale: still capped
//   never read, no snapshot             refuse
import type { ServingMode } from './serving-state.ts';

export type Freshness = {
  /** Age of the last completed store read, of this server or of the peer it took the zone from; null: never. */
  readonly confirmedAgeMs: number | null;
  /** How long within that age the stale clock stood still: a majority of probers was reachable, none knew more. */
  readonly pausedMs: number;
};

export type FreshnessRules = {
  readonly lostAfterMs: number;
  readonly staleAfterMs: number;
  readonly onStale: 'refuse' | 'serve';
  /** Cap while lost, the suspect TTL. */
  readonly suspectTtlSeconds: number;
};

/** The mode by the table above. A server that never read the store but has a snapshot from disk passes that one's age. */
export function servingMode({ confirmedAgeMs, pausedMs }: Freshness, rules: FreshnessRules): ServingMode {
  if (confirmedAgeMs === null) return { kind: 'refuse' };
  if (confirmedAgeMs <= rules.lostAfterMs) return { kind: 'fresh' };
  const ttlCapSeconds = rules.suspectTtlSeconds;
  if (confirmedAgeMs - pausedMs <= rules.staleAfterMs) return { kind: 'lost', ttlCapSeconds };
  return rules.onStale === 'refuse' ? { kind: 'refuse' } : { kind: 'stale', ttlCapSeconds };
}
