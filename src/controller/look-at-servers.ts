// One look at what the world answers for a name: every authoritative server at each of its addresses by UDP and TCP, with the
// serial it shows, and every listed resolver. Changes nothing, and takes no longer than its deadlines.
import type { Clock } from '../base/clock.ts';
import type { DomainName } from '../base/ids.ts';
import type { Config, Endpoint, ServiceConfig } from '../config/config.ts';
import type { DnsLook, ResolverReport, ServerReport } from '../failover/propagation-report.ts';
import { type DnsSubject, judgeAnswer } from '../plan/judge-propagation.ts';
import type { AskNameServer, FindNameServers } from './controller-deps.ts';
import { ownNameServers } from './own-name-servers.ts';

export type LookDeps = {
  readonly config: Config;
  readonly clock: Clock;
  readonly askNameServer: AskNameServer;
  readonly findNameServers: FindNameServers;
};

/** One address of a server that answers for the zone. */
export type DnsTarget = { readonly server: string; readonly endpoint: Endpoint };

export type DnsTargets =
  | { readonly kind: 'found'; readonly targets: readonly DnsTarget[] }
  | { readonly kind: 'unknown'; readonly reason: string };

const ANSWER_TIMEOUT_MS = 2_000;
const FIND_TIMEOUT_MS = 5_000;
const DNS_PORT = 53;
/** 13 servers with two addresses each; what lies beyond is not asked. */
const TARGETS_MAX = 32;

/** Our own name servers, those that the configuration lists, or those that the NS records of the zone name. */
export async function findTargets(deps: LookDeps, service: ServiceConfig, signal: AbortSignal): Promise<DnsTargets> {
  const provider = deps.config.providers.find(({ name }) => name === service.record.provider);
  if (provider === undefined || provider.kind === 'builtin') {
    const targets = ownNameServers(deps.config, service).map(({ prober, server }) => ({
      server: prober,
      endpoint: server,
    }));
    return { kind: 'found', targets };
  }
  if (provider.servers.length > 0) {
    const targets = provider.servers.map((endpoint) => ({ server: endpointText(endpoint), endpoint }));
    return { kind: 'found', targets: targets.slice(0, TARGETS_MAX) };
  }
  const { resolvers } = deps.config.dns;
  const found = await within(deps.clock, FIND_TIMEOUT_MS, signal, (limit) =>
    deps.findNameServers(service.record.zone, { resolvers, signal: limit }),
  );
  if (found.kind === 'unknown') return found;
  const targets = found.servers.flatMap(({ name, addresses }) =>
    addresses.map((host) => ({ server: name, endpoint: { host, port: DNS_PORT } })),
  );
  const bare = found.servers.filter(({ addresses }) => addresses.length === 0).map(({ name }) => name);
  if (targets.length > 0) return { kind: 'found', targets: targets.slice(0, TARGETS_MAX) };
  return { kind: 'unknown', reason: `no address was found for ${bare.join(', ') || 'any of its name servers'}` };
}

export type Look = { readonly subject: DnsSubject; readonly zone: DomainName; readonly signal: AbortSignal };

export async function lookAtServer(
  { askNameServer, clock }: LookDeps,
  { server, endpoint }: DnsTarget,
  { subject, zone, signal }: Look,
): Promise<Omit<ServerReport, 'newAfterMs'>> {
  const asked = { server: endpoint, name: subject.name, type: subject.type };
  const [udp, tcp, serial] = await Promise.all([
    within(clock, ANSWER_TIMEOUT_MS, signal, (limit) => askNameServer(asked, { signal: limit })),
    within(clock, ANSWER_TIMEOUT_MS, signal, (limit) =>
      askNameServer({ ...asked, transport: 'tcp' }, { signal: limit }),
    ),
    within(clock, ANSWER_TIMEOUT_MS, signal, (limit) =>
      askNameServer({ server: endpoint, name: zone, type: 'SOA' }, { signal: limit }),
    ),
  ]);
  const [told] = serial.kind === 'answer' ? serial.values : [];
  return {
    server,
    at: endpointText(endpoint),
    udp: judged(subject, udp),
    tcp: judged(subject, tcp),
    serial: told === undefined ? null : Number(told),
  };
}

export async function lookAtResolver(
  { askNameServer, clock }: LookDeps,
  endpoint: Endpoint,
  { subject, signal }: Look,
): Promise<Omit<ResolverReport, 'newAfterMs'>> {
  const asked = { server: endpoint, name: subject.name, type: subject.type, isRecursive: true };
  const answer = await within(clock, ANSWER_TIMEOUT_MS, signal, (limit) => askNameServer(asked, { signal: limit }));
  return { at: endpointText(endpoint), look: judged(subject, answer) };
}

function judged(subject: DnsSubject, answer: Awaited<ReturnType<AskNameServer>>): DnsLook {
  if (answer.kind === 'silent') {
    return { kind: answer.isOutOfReach === true ? 'unreachable' : 'silent', reason: answer.reason };
  }
  const { values, ttlSeconds } = answer;
  return { kind: judgeAnswer(subject, values), values, ttlSeconds };
}

export function endpointText({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

async function within<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const timer = clock.timer(ms, () => deadline.abort(new Error('no answer in time')));
  try {
    return await work(AbortSignal.any([signal, deadline.signal]));
  } finally {
    timer.stop();
  }
}
