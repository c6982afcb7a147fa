// The providers that hold the record of one service, each with the service and the machine's state as they are for it. A write, a
// look or a question is done at one of them, and does not know whether there is another.
import type { Config, ServiceConfig } from '../config/config.ts';
import { atSecondProvider } from '../config/second-provider.ts';
import type { MachineEffect } from '../failover/machine-effect.ts';
import type { DnsOutcome, MachineEvent } from '../failover/machine-event.ts';
import { asSecond } from '../failover/second-record.ts';
import type { MachineState } from '../failover/service-state.ts';

export type RecordPlace = {
  readonly service: ServiceConfig;
  readonly state: MachineState;
  readonly isSecond: boolean;
  /** Under which its last write is remembered. */
  readonly key: string;
};

/** The first one first; none where the service is not configured any more. */
export function recordPlaces({ services }: Pick<Config, 'services'>, state: MachineState): readonly RecordPlace[] {
  const service = services.find(({ id }) => id === state.rules.id);
  if (service === undefined) return [];
  const first: RecordPlace = { service, state, isSecond: false, key: service.id };
  const [second, followed] = [atSecondProvider(service), asSecond(state)];
  if (second === null || followed === null) return [first];
  // No id has a space.
  return [first, { service: second, state: followed, isSecond: true, key: `${service.id} second` }];
}

type WriteDns = Extract<MachineEffect, { kind: 'writeDns' }>;

/** Where this write goes. */
export function placeOfWrite(
  config: Pick<Config, 'services'>,
  { isSecond = false }: Pick<WriteDns, 'isSecond'>,
  state: MachineState,
): RecordPlace | null {
  return recordPlaces(config, state).find((place) => place.isSecond === isSecond) ?? null;
}

/** How it ended, told to the record that it was for. */
export function dnsEvent({ intent, isSecond = false }: WriteDns, outcome: DnsOutcome): MachineEvent {
  return { kind: 'dns', seq: intent.seq, outcome, ...(isSecond ? { isSecond } : {}) };
}
