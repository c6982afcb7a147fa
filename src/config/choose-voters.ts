// Which probers look at a service, and so vote on it (S24): all of them, or `probersPerCheck` of them by rendezvous hashing.
// A pure function of the configuration in force, so everybody who runs with it gives the same answer (S7).
import { createHash } from 'node:crypto';
import type { ProberId, ServiceId } from '../base/ids.ts';
import type { ClusterConfig, ProberConfig } from './config.ts';

type Electorate = Pick<ClusterConfig, 'probers'> & {
  readonly quorum: ClusterConfig['quorum'];
};

/**
 * In the order of the configuration. A prober that joins takes the place of one at most, in its own share of the services, and
 * one that leaves gives only its places away: nothing moves between the others.
 */
export function chooseVoters(service: ServiceId, { probers, quorum }: Electorate): readonly ProberConfig[] {
  const { probersPerCheck, minVantages } = quorum;
  if (probersPerCheck === null || probersPerCheck >= probers.length) return probers;
  const ranked = probers
    .map((prober) => ({ prober, weight: weightOf(service, prober.id) }))
    .sort((a, b) => (a.weight < b.weight ? 1 : -1))
    .map(({ prober }) => prober);
  const leaders = bestOfVantages(ranked).slice(0, Math.min(minVantages + SPARE_VANTAGES, probersPerCheck));
  const others = ranked.filter((prober) => !leaders.includes(prober));
  const chosen = new Set([...leaders, ...others].slice(0, probersPerCheck));
  return probers.filter((prober) => chosen.has(prober));
}

/** With one vantage more than the quorum needs, the loss of one voter leaves enough of them (S24). */
const SPARE_VANTAGES = 1;

/** The best prober of each vantage, the best vantage first. */
function bestOfVantages(ranked: readonly ProberConfig[]): readonly ProberConfig[] {
  const seen = new Set<string>();
  return ranked.filter(({ vantage }) => {
    if (seen.has(vantage)) return false;
    seen.add(vantage);
    return true;
  });
}

/** Ids hold no slash, so no two pairs share a text; as hex of one length, weights compare like numbers. */
function weightOf(service: ServiceId, prober: ProberId): string {
  return createHash('sha256').update(`${service}/${prober}`).digest('hex').slice(0, WEIGHT_DIGITS);
}

const WEIGHT_DIGITS = 16;
