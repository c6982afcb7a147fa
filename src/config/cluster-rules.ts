// Rules about the cluster as a whole: can its probers agree, can they listen, and does its timing add up.
import { formatDuration } from '../base/duration.ts';
import type { ProberConfig } from './config.ts';
import type { ConfigFinding } from './config-problem.ts';
import { mayShareMachine, sharesEndpoint } from './endpoint-overlap.ts';
import { findDuplicates } from './find-duplicates.ts';
import type { ConfigRule, RuleDraft } from './rule-draft.ts';

export const CLUSTER_RULES: readonly ConfigRule[] = [
  proberIdsDiffer,
  proberAddressesDiffer,
  vantagesSuffice,
  quorumCanForm,
  referencesExist,
  endpointsDiffer,
  sessionOutlastsMargin,
  renewalsFitSession,
  staleComesAfterLost,
];

function proberIdsDiffer({ cluster }: RuleDraft): readonly ConfigFinding[] {
  return findDuplicates((cluster?.probers ?? []).map(({ id }) => id)).map(({ value, index, firstIndex }) => ({
    path: ['cluster', 'probers', index, 'id'],
    reason: `prober id ${value} is already taken by probers[${firstIndex}]`,
    remedy: 'Give every prober its own id',
  }));
}

function proberAddressesDiffer({ cluster }: RuleDraft): readonly ConfigFinding[] {
  return findDuplicates((cluster?.probers ?? []).map(({ address }) => address)).map(({ index, firstIndex }) => ({
    path: ['cluster', 'probers', index, 'address'],
    reason: `the same address as probers[${firstIndex}]; probers on one machine fail together`,
    remedy: 'Give probers machines of their own where you can',
    severity: 'warning',
  }));
}

/** S24: agreement at more vantages than exist could never be reached. */
function vantagesSuffice({ cluster }: RuleDraft): readonly ConfigFinding[] {
  if (cluster === null) return [];
  const vantages = new Set(cluster.probers.map(({ vantage }) => vantage)).size;
  if (cluster.quorum.minVantages <= vantages) return [];
  return [
    {
      path: ['cluster', 'quorum', 'minVantages'],
      reason: `the probers stand at ${vantages} different vantages, so no quorum could ever form`,
      remedy: `Write at most ${vantages}, or add probers at other vantages`,
      rule: 'S24',
    },
  ];
}

function quorumCanForm({ cluster }: RuleDraft): readonly ConfigFinding[] {
  // Where few of them look at each service, voter-rules.ts counts those.
  if (cluster === null || cluster.quorum.probersPerCheck !== null) return [];
  const count = cluster.probers.length;
  const path = ['cluster', 'probers'];
  if (count < PROBERS_ADVISED) {
    const reason = `with fewer than ${PROBERS_ADVISED} probers the loss of one stops every automatic failover`;
    return [{ path, reason, remedy: 'Run at least three probers', rule: 'S24', severity: 'warning' }];
  }
  if (count % 2 === 1) return [];
  const reason = `an even number of probers (${count}) survives no more losses than ${count - 1} would`;
  return [{ path, reason, remedy: 'Add a prober or remove one', rule: 'S24', severity: 'warning' }];
}

const PROBERS_ADVISED = 3;

function referencesExist({ cluster }: RuleDraft): readonly ConfigFinding[] {
  if (cluster === null || cluster.references.length > 0) return [];
  return [
    {
      path: ['cluster', 'references'],
      reason: 'without references a prober that lost its own network blames the nodes',
      remedy: 'Name one or two targets outside the cluster, such as https://www.example.net/',
      rule: 'S22',
      severity: 'warning',
    },
  ];
}

/** Two cannot listen on one endpoint of a machine. */
function endpointsDiffer({ cluster }: RuleDraft): readonly ConfigFinding[] {
  const findings: ConfigFinding[] = [];
  const probers = cluster?.probers ?? [];
  for (const [index, prober] of probers.entries()) {
    const isNear = (earlier: ProberConfig) => cluster !== null && mayShareMachine(cluster, earlier, prober);
    const other = probers
      .slice(0, index)
      .find((earlier) => isNear(earlier) && sharesEndpoint(earlier.listen, prober.listen));
    if (other === undefined) continue;
    findings.push({
      path: ['cluster', 'probers', index, 'listen'],
      reason: `prober ${prober.id} would listen where prober ${other.id} already does, on the same machine`,
      remedy: 'Give each prober of this machine its own listen: address or port',
    });
  }
  return findings;
}

/** S3: a renewal that is lost must leave time for another one. */
function renewalsFitSession({ cluster }: RuleDraft): readonly ConfigFinding[] {
  if (cluster === null || cluster.store.kind === 'sqlite') return [];
  const { sessionTtlMs } = cluster.timing;
  if (cluster.store.callTimeoutMs * 3 <= sessionTtlMs) return [];
  return [
    {
      path: ['cluster', 'store', 'callTimeout'],
      reason: `three answers must fit into a session of ${formatDuration(sessionTtlMs)}, or one lost renewal ends it`,
      remedy: `Write at most ${formatDuration(Math.floor(sessionTtlMs / 3))}, or a longer cluster.timing.sessionTtl`,
      rule: 'S3',
    },
  ];
}

/** S3: a holder may act until its ttl, less drift and margin; nothing would be left of a ttl within two margins. */
function sessionOutlastsMargin({ cluster }: RuleDraft): readonly ConfigFinding[] {
  if (cluster === null) return [];
  const { sessionTtlMs, marginMs } = cluster.timing;
  if (sessionTtlMs > 2 * marginMs) return [];
  return [
    {
      path: ['cluster', 'timing', 'sessionTtl'],
      reason: `a session must outlast twice the margin of ${formatDuration(marginMs)}, or its holder may never act`,
      remedy: `Write more than ${formatDuration(2 * marginMs)}, or a smaller margin`,
      rule: 'S3',
    },
  ];
}

function staleComesAfterLost({ cluster }: RuleDraft): readonly ConfigFinding[] {
  if (cluster === null) return [];
  const { lostAfterMs, staleAfterMs } = cluster.timing;
  if (staleAfterMs > lostAfterMs) return [];
  return [
    {
      path: ['cluster', 'timing', 'staleAfter'],
      reason: `a server steps aside only after it capped its TTLs, lostAfter is ${formatDuration(lostAfterMs)}`,
      remedy: 'Write a longer staleAfter, or a shorter lostAfter',
      rule: 'S30',
    },
  ];
}
