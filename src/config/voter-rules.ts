// Rules about `probersPerCheck`: can the probers that look at a service agree, and are they enough for what hangs on them (S24).
import type { ClusterConfig } from './config.ts';
import type { ConfigFinding } from './config-problem.ts';
import type { ConfigRule, RuleDraft } from './rule-draft.ts';

export const VOTER_RULES: readonly ConfigRule[] = [votersExist, votersSuffice, votersOutlastALoss];

const AT = { path: ['cluster', 'quorum', 'probersPerCheck'], rule: 'S24' } as const;
/** Fewer votes are one opinion, or stop with the first prober that is away. */
const VOTERS_MIN = 3;

/** Null where every prober looks at every service. */
function votersOf(cluster: ClusterConfig | null): number | null {
  return cluster?.quorum.probersPerCheck ?? null;
}

function votersExist({ cluster }: RuleDraft): readonly ConfigFinding[] {
  const voters = votersOf(cluster);
  if (cluster === null || voters === null || voters <= cluster.probers.length) return [];
  const count = cluster.probers.length;
  const reason = `there are ${count} probers, so no service can have ${voters} that look at it`;
  return [{ ...AT, reason, remedy: `Write at most ${count}, or remove it: then every prober looks at every service` }];
}

/** One finding with one number to write, whatever asks for the most. */
function votersSuffice({ cluster, services }: RuleDraft): readonly ConfigFinding[] {
  const voters = votersOf(cluster);
  if (cluster === null || voters === null) return [];
  const byVantages = leastForVantages(cluster);
  const exclusive = services.find(({ exclusive, failover }) => exclusive && failover.automatic);
  // S24: what may run once only is not moved by the opinion of one prober, where there are others to ask.
  const byService = exclusive === undefined ? 1 : Math.min(VOTERS_MIN, cluster.probers.length);
  const least = Math.max(byVantages, byService);
  if (voters >= least) return [];
  const reason =
    voters < byVantages
      ? `a majority of ${voters} cannot stand at ${cluster.quorum.minVantages} vantages, which is minVantages`
      : `service ${exclusive?.id} is automatic and exclusive, and fewer than ${least} probers must not decide over it`;
  const remedy = `Write at least ${least}, or remove it: then every prober looks at every service`;
  return [{ ...AT, reason, remedy }];
}

/** With fewer it would always take more than a majority, and the first prober that is away would stop everything. */
function leastForVantages({ probers, quorum }: ClusterConfig): number {
  const vantages = new Set(probers.map(({ vantage }) => vantage)).size;
  // A minVantages that no number of voters can reach is told by another rule.
  const least = Math.max(1, 2 * Math.min(quorum.minVantages, vantages) - 2);
  return Math.min(least, probers.length);
}

function votersOutlastALoss({ cluster }: RuleDraft): readonly ConfigFinding[] {
  const voters = votersOf(cluster);
  if (voters === null) return [];
  if (voters < VOTERS_MIN) {
    const reason = `with fewer than ${VOTERS_MIN} the loss of one prober stops every automatic failover of what it looks at`;
    return [{ ...AT, reason, remedy: `Write at least ${VOTERS_MIN}`, severity: 'warning' }];
  }
  if (voters % 2 === 1) return [];
  const reason = `an even number of voters (${voters}) survives no more losses than ${voters - 1} would`;
  return [{ ...AT, reason, remedy: 'Write an odd number', severity: 'warning' }];
}
