// Rules about the listeners of the API: encrypted wherever others can reach them, and no two on one place.
import type { Endpoint, ProberConfig } from './config.ts';
import type { ConfigFinding } from './config-problem.ts';
import { mayShareMachine, sharesEndpoint } from './endpoint-overlap.ts';
import type { ConfigRule, RuleDraft } from './rule-draft.ts';

export const API_RULES: readonly ConfigRule[] = [tokensAreEncrypted, listenersDiffer];

/** A token that travels in the clear belongs to everybody on the way. */
function tokensAreEncrypted({ cluster }: RuleDraft): readonly ConfigFinding[] {
  if (cluster === null || cluster.apiTls !== null) return [];
  const open = cluster.probers.flatMap((prober) => prober.apiListen.filter((place) => !isLoopback(place)))[0];
  if (open === undefined) return [];
  const path = ['cluster', 'api', 'tls'];
  const reason = `others can reach ${open.host}:${open.port}, and tokens would travel there in the clear`;
  return [{ path, reason, remedy: 'Write cert: and key: here, or listen on a loopback address only' }];
}

function isLoopback({ host }: Endpoint): boolean {
  return host.startsWith('127.') || host === '::1';
}

function listenersDiffer({ cluster }: RuleDraft): readonly ConfigFinding[] {
  if (cluster === null) return [];
  const remedy = 'Give each prober of this machine an api: { listen: } of its own, beside what its name server takes';
  return cluster.probers.flatMap((prober, index) => {
    const isNear = (earlier: ProberConfig) => mayShareMachine(cluster, earlier, prober);
    const path = ['cluster', 'probers', index];
    const named = cluster.probers.find((other) => isNear(other) && sharesEndpoint(other.listen, prober.apiListen));
    const twin = cluster.probers
      .slice(0, index)
      .find((earlier) => isNear(earlier) && sharesEndpoint(earlier.apiListen, prober.apiListen));
    const other = named ?? twin;
    if (other === undefined) return [];
    const what = named === undefined ? 'prober' : 'the name server of prober';
    const reason = `prober ${prober.id} would listen for agents where ${what} ${other.id} already listens`;
    return [{ path, reason, remedy }];
  });
}
