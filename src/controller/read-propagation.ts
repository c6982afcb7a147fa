// What the world answers for a service at this moment, asked by whoever wants to know: the same questions as after a cutover, once,
// and nothing is changed by them.
import type { ServiceConfig } from '../config/config.ts';
import { atEachProvider } from '../config/second-provider.ts';
import type { PropagationReport } from '../failover/propagation-report.ts';
import { lateResolvers, lateServers } from '../plan/judge-propagation.ts';
import { endpointText, findTargets, type LookDeps, lookAtResolver, lookAtServer } from './look-at-servers.ts';
import { type ReadDeps, readWhatIsReadable } from './read-model.ts';
import { writtenSubject } from './written-subject.ts';

export type PropagationDeps = ReadDeps & LookDeps & { readonly signal: AbortSignal };

/** Null as long as nothing was written. Never rejects for what servers do; bounded by the deadlines of the questions. */
export async function readPropagation(
  deps: PropagationDeps,
  service: ServiceConfig,
): Promise<PropagationReport | null> {
  const { state } = readWhatIsReadable(deps, service);
  const subject = writtenSubject(deps.config, service, state.service.dns.confirmed);
  if (subject === null) return null;
  const look = { subject, zone: service.record.zone, signal: deps.signal };
  const found = await Promise.all(atEachProvider(service).map((at) => findTargets(deps, at, deps.signal)));
  const named = found.flatMap((targets) => (targets.kind === 'found' ? targets.targets : []));
  // Two providers may name the same servers.
  const targets = [...new Map(named.map((target) => [endpointText(target.endpoint), target])).values()];
  const [servers, resolvers] = await Promise.all([
    Promise.all(targets.map((target) => lookAtServer(deps, target, look))),
    Promise.all(deps.config.dns.resolvers.map((endpoint) => lookAtResolver(deps, endpoint, look))),
  ]);
  const missing = found.flatMap((targets) =>
    targets.kind === 'found' ? [] : [`the name servers of ${look.zone} (${targets.reason})`],
  );
  const { name, type, values } = subject;
  const told = {
    // Since when each of them answers so is known after a cutover alone.
    servers: servers.map((server) => ({ ...server, newAfterMs: null })),
    resolvers: resolvers.map((resolver) => ({ ...resolver, newAfterMs: null })),
  };
  const laggards = [...missing, ...lateServers(told.servers), ...lateResolvers(told.resolvers)];
  return { name, type, values, provider: null, ...told, laggards };
}
