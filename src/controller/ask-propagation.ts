// Does the world see the new answer? Every authoritative server is asked directly, and each of our own has reported how long
// its old answers may live on (S31).
import type { Config, Endpoint, ServiceConfig } from '../config/config.ts';
import type { Answer } from '../failover/machine-event.ts';
import type { MachineState } from '../failover/service-state.ts';
import { drainHorizon, type ServedReport } from '../plan/drain-horizon.ts';
import { parseServedRecord } from '../plan/served-record.ts';
import type { ControllerDeps } from './controller-deps.ts';
import type { Performer } from './performer.ts';

/** How long a name server has to answer anew before it is called a laggard. */
const PATIENCE_MS = 3_000;
const ASK_AGAIN_MS = 50;
const ANSWER_TIMEOUT_MS = 1_000;

type PropagationAnswer = Extract<Answer, { kind: 'propagation' }>;
type NameServerTarget = { readonly prober: string; readonly server: Endpoint };

/** Never rejects. Returns as soon as every server answers anew, or with those that did not in time. */
export async function askPropagation({ deps, tenure }: Performer, state: MachineState): Promise<PropagationAnswer> {
  const service = deps.config.services.find((candidate) => candidate.id === state.rules.id);
  const address = service?.nodes.find((node) => node.id === state.service.dns.confirmed?.node)?.address;
  if (service === undefined || address === undefined) return { kind: 'propagation', laggards: [], horizonMonoMs: null };
  const beganAtMonoMs = deps.clock.monotonicMs();
  const targets = nameServers(deps.config, service);
  const late = new Set<NameServerTarget>(targets);
  const reports = new Map<string, ServedReport>();
  while (!tenure.signal.aborted) {
    for (const target of targets) collectReport(deps, { service, address, target, reports });
    await Promise.all(
      [...late].map(async (target) => (await answersAnew(deps, { service, address, target })) && late.delete(target)),
    );
    if (late.size === 0 && reports.size === targets.length) break;
    if (deps.clock.monotonicMs() - beganAtMonoMs > PATIENCE_MS) break;
    await deps.clock.sleep(ASK_AGAIN_MS, { signal: tenure.signal }).catch(() => undefined);
  }
  const silent = targets.filter((target) => !reports.has(target.prober));
  const horizon = drainHorizon({
    writtenAtMonoMs: beganAtMonoMs,
    reports: [...reports.values(), ...silent.map(({ prober }): ServedReport => ({ kind: 'silent', server: prober }))],
    onStale: deps.config.dns.onStale,
    lostAfterMs: deps.config.cluster.timing.lostAfterMs,
    staleAfterMs: deps.config.cluster.timing.staleAfterMs,
    suspectTtlSeconds: service.record.ttl.suspectSeconds,
    oldTtlSeconds: silent.length === 0 ? 0 : service.record.ttl.steadySeconds,
    isForcedWithoutMajority: false,
    bounds: deps.config.cluster.timing,
  });
  return {
    kind: 'propagation',
    laggards: [...late].map(({ prober }) => prober),
    horizonMonoMs: horizon.kind === 'known' ? horizon.atMonoMs : null,
  };
}

function nameServers(config: Config, service: ServiceConfig): readonly NameServerTarget[] {
  const zone = config.dns.zones.find((candidate) => candidate.name === service.record.zone);
  return (zone?.nameServers ?? []).flatMap(({ prober }) => {
    const found = config.cluster.probers.find((candidate) => candidate.id === prober);
    const [listen] = found?.listen ?? [];
    if (found === undefined || listen === undefined) return [];
    const isWildcard = listen.host === '0.0.0.0' || listen.host === '::';
    return [{ prober, server: isWildcard ? { host: found.address, port: listen.port } : listen }];
  });
}

type Subject = { readonly service: ServiceConfig; readonly address: string; readonly target: NameServerTarget };

function recordType(address: string): 'A' | 'AAAA' {
  return address.includes(':') ? 'AAAA' : 'A';
}

/** A report counts from the moment this controller reads it: ages travel, clocks do not (S1). */
function collectReport(
  deps: ControllerDeps,
  { service, address, target, reports }: Subject & { readonly reports: Map<string, ServedReport> },
): void {
  if (reports.has(target.prober)) return;
  const key = deps.keys.served(target.prober, service.record.name, recordType(address));
  const served = parseServedRecord(deps.view.get(key)?.value);
  if (served === null || !served.values.includes(address)) return;
  reports.set(target.prober, {
    kind: 'confirmed',
    server: target.prober,
    confirmedAtMonoMs: deps.clock.monotonicMs(),
    oldTtlMaxSeconds: served.drainMs / 1_000,
  });
}

async function answersAnew(deps: ControllerDeps, { service, address, target }: Subject): Promise<boolean> {
  const deadline = new AbortController();
  const timer = deps.clock.timer(ANSWER_TIMEOUT_MS, () => deadline.abort());
  try {
    const question = { server: target.server, name: service.record.name, type: recordType(address) };
    const answer = await deps.ports.askNameServer(question, { signal: deadline.signal });
    return answer.kind === 'answer' && answer.values.length === 1 && answer.values[0] === address;
  } finally {
    timer.stop();
  }
}
