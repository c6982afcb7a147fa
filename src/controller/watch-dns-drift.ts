// Looks on a schedule whether somebody else changed the records that oneup manages at a provider (S27). Each look is one call, made
// for one service after the other, and only while nothing is written: a record in the middle of a change looks like anything.
import type { ServiceConfig } from '../config/config.ts';
import { atEachProvider } from '../config/second-provider.ts';
import type { MachineEvent } from '../failover/machine-event.ts';
import type { MachineState } from '../failover/service-state.ts';
import { findDrift } from '../plan/find-drift.ts';
import { managedNames } from '../plan/ownership.ts';
import type { ControllerDeps } from './controller-deps.ts';
import { type RecordPlace, recordPlaces } from './record-places.ts';
import { publishedTtl } from './record-ttl.ts';

export type DriftWatch = {
  readonly deps: ControllerDeps;
  readonly signal: AbortSignal;
  readonly services: readonly ServiceConfig[];
  /** Null while the service is not controlled. */
  readonly stateOf: (service: string) => MachineState | null;
  readonly tell: (service: string, look: Omit<DnsLook, 'kind'>) => void;
};

type DnsLook = Extract<MachineEvent, { kind: 'dnsLook' }>;

const LOOK_TIMEOUT_MS = 10_000;
/** "Auto" of Cloudflare, which is what every proxied record has (Cloudflare docs, "Time to Live"). */
const CLOUDFLARE_AUTO_SECONDS = 300;

/** Until the returned functions are called. */
export function watchDnsDrift(watch: DriftWatch): readonly (() => void)[] {
  const { deps, services } = watch;
  return deps.config.providers.flatMap((provider) => {
    if (provider.kind === 'builtin' || provider.driftCron === null) return [];
    const theirs = services.filter((service) => isAt(service, provider.name));
    let isLooking = false;
    const look = () => {
      // The round before is still waiting for its calls; the next tick comes soon enough.
      if (isLooking) return;
      isLooking = true;
      void lookAtAll(watch, provider.name, theirs).finally(() => {
        isLooking = false;
      });
    };
    return theirs.length === 0 ? [] : [deps.ports.onSchedule(provider.driftCron, look)];
  });
}

function isAt(service: ServiceConfig, provider: string): boolean {
  return atEachProvider(service).some(({ record }) => record.provider === provider);
}

async function lookAtAll(watch: DriftWatch, provider: string, services: readonly ServiceConfig[]): Promise<void> {
  for (const service of services) {
    if (watch.signal.aborted) return;
    await lookAt(watch, provider, service.id).catch((error: unknown) => {
      // The provider is down, or its calls are spent: the next write, or the next look, will tell.
      watch.deps.logger.warn({ err: error, service: service.id }, 'the record cannot be looked at');
    });
  }
}

async function lookAt({ deps, signal, stateOf, tell }: DriftWatch, provider: string, id: string): Promise<void> {
  const known = stateOf(id);
  const places = known === null ? [] : recordPlaces(deps.config, known);
  const place = places.find(({ service }) => service.record.provider === provider);
  const confirmed = place?.state.service.dns.confirmed ?? null;
  if (place === undefined || confirmed === null || isMoving(place)) return;
  const { record, nodes } = place.service;
  const { ttl } = publishedTtl(deps.config, record);
  const deadline = new AbortController();
  const timer = deps.clock.timer(LOOK_TIMEOUT_MS, () => deadline.abort(new Error('no answer in time')));
  try {
    const current = await deps.ports
      .provider(record.provider, 'look')
      .list(record.zone, { names: managedNames(record.name), signal: AbortSignal.any([signal, deadline.signal]) });
    const { cluster } = deps.config;
    const owner = { cluster: cluster.name, generation: deps.generation, service: id };
    const ownTtls = providerKind(deps, record.provider) === 'cloudflare' ? [CLOUDFLARE_AUTO_SECONDS] : [];
    const found = findDrift({ ...owner, record: { ...record, ttl }, nodes, current, confirmed, ownTtls });
    const { isSecond } = place;
    if (!signal.aborted) tell(id, { seq: confirmed.seq, found, ...(isSecond ? { isSecond } : {}) });
  } finally {
    timer.stop();
  }
}

/** The tail waits for the first provider, perhaps for hours, and hides nothing of the second. */
function isMoving({ state: { op, tail, service }, isSecond }: RecordPlace): boolean {
  const { pending, unconfirmed } = service.dns;
  return op !== null || (tail !== null && !isSecond) || pending !== null || unconfirmed.length > 0;
}

function providerKind({ config }: ControllerDeps, provider: string): string | undefined {
  return config.providers.find(({ name }) => name === provider)?.kind;
}
