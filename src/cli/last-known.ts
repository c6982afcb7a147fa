// What a prober without a store still knows of the services: what it read last, and what its own name server answers (S30).
import type { Clock } from '../base/clock.ts';
import type { ServiceId } from '../base/ids.ts';
import { OneupError } from '../base/oneup-error.ts';
import { storeKeys } from '../base/store-keys.ts';
import type { Config, ServiceConfig } from '../config/config.ts';
import { readServiceStatus } from '../controller/read-model.ts';
import type { StoreView } from '../ports/store-view.ts';
import type { ServingMode, ServingState } from '../zone/serving-state.ts';

export type LastKnown = {
  readonly service: ServiceId;
  /** Null where this process has never read the store, or cannot read what it found there. */
  readonly record: {
    readonly active: string | null;
    readonly epoch: number;
    /** The operation that ran at that time. */
    readonly operation: string | null;
    readonly agoMs: number;
  } | null;
  /** Null where the name server has no answer for the name, or gives none any more. */
  readonly answer: { readonly addresses: readonly string[]; readonly ttlSeconds: number } | null;
};

export type LastKnownFacts = {
  readonly config: Config;
  /** The copy that the last life of the roles had; null where there was none. */
  readonly view: StoreView | null;
  readonly serving: ServingState;
  readonly clock: Clock;
};

export function readLastKnown(facts: LastKnownFacts): readonly LastKnown[] {
  const answers = answersOf(facts.serving);
  return facts.config.services.map((service) => ({
    service: service.id,
    record: recordOf(facts, service),
    answer: answers.get(service.record.name) ?? null,
  }));
}

function recordOf({ config, view, clock }: LastKnownFacts, service: ServiceConfig): LastKnown['record'] {
  const confirmedAtMonoMs = view?.confirmedAtMonoMs() ?? null;
  if (view === null || confirmedAtMonoMs === null) return null;
  try {
    const { active, epoch, operation } = readServiceStatus(
      { config, keys: storeKeys(config.cluster.name), view },
      service,
    );
    return {
      active,
      epoch,
      operation: operation?.title ?? null,
      agoMs: Math.round(clock.monotonicMs() - confirmedAtMonoMs),
    };
  } catch (error) {
    if (error instanceof OneupError) return null;
    throw error;
  }
}

function answersOf({ zones, mode }: ServingState): ReadonlyMap<string, NonNullable<LastKnown['answer']>> {
  if (mode.kind === 'refuse') return new Map();
  const found = zones.flatMap((zone) => (zone.kind === 'loaded' ? zone.snapshot.rrsets : []));
  const addresses = found.filter(({ type }) => ['A', 'AAAA', 'CNAME'].includes(type));
  return new Map(
    addresses.map(({ name, values, ttlSeconds }) => [
      name,
      { addresses: values, ttlSeconds: Math.min(ttlSeconds, capOf(mode)) },
    ]),
  );
}

function capOf(mode: ServingMode): number {
  return 'ttlCapSeconds' in mode ? mode.ttlCapSeconds : Number.POSITIVE_INFINITY;
}
