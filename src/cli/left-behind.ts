// What an earlier cluster left on this machine: marks, the guard's memory, snapshots that are being served. A new store begins
// above all of it (S4), and goes on with the answers that resolvers have (S28).
import { join } from 'node:path';
import type { ProberId, ServiceId } from '../base/ids.ts';
import { storeKeys } from '../base/store-keys.ts';
import type { Config } from '../config/config.ts';
import { nextSerial } from '../dns/serial.ts';
import { formatStoredRrset, formatStoredSerial } from '../dns/stored-rrset.ts';
import { highestGuardPosition } from '../nodes/exec/read-guard-marks.ts';
import { ownershipName } from '../plan/ownership.ts';
import type { StoreWrite } from '../ports/store.ts';
import { SnapshotFile } from '../server/snapshot-file.ts';
import { HighWater } from '../store/high-water.ts';
import { isNewerSnapshot } from '../zone/snapshot-order.ts';
import type { ZoneSnapshot } from '../zone/zone-snapshot.ts';
import { guardPath } from './guard-path.ts';

export type LeftBehind = {
  /** Zero when nothing was found. */
  readonly highestGeneration: number;
  readonly highestTerm: number;
  /** The highest epoch of each service that a prober of this machine has seen. */
  readonly epochs: ReadonlyMap<ServiceId, number>;
  /** Probers that have left a mark on this machine. */
  readonly probers: ReadonlySet<ProberId>;
  /** The newest snapshot of each zone that any prober of this machine kept. */
  readonly zones: readonly ZoneSnapshot[];
};

export async function findLeftBehind(config: Config): Promise<LeftBehind> {
  const { stateDir, probers } = config.cluster;
  const generations = [0];
  const terms = [0];
  const marked = new Set<ProberId>();
  const epochs = new Map<ServiceId, number>();
  const zones = new Map<string, ZoneSnapshot>();
  for (const { id } of probers) {
    const high = await HighWater.open(join(stateDir, id, 'high-water.json'));
    const mark = high.mark();
    if (mark !== null) marked.add(id);
    generations.push(mark?.generation.number ?? 0);
    terms.push(mark?.term ?? 0);
    for (const [service, epoch] of Object.entries(mark?.epochs ?? {}))
      epochs.set(service, Math.max(epoch, epochs.get(service) ?? 0));
    const snapshots = new SnapshotFile(join(stateDir, id, 'zones'));
    for (const zone of config.dns.zones) {
      const loaded = await snapshots.load(zone.name, { signal: new AbortController().signal });
      if (!loaded.ok || loaded.value === null) continue;
      generations.push(loaded.value.generation);
      const known = zones.get(zone.name);
      if (known === undefined || isNewerSnapshot(loaded.value, known)) zones.set(zone.name, loaded.value);
    }
  }
  const guard = highestGuardPosition(guardPath(config.cluster));
  if (guard.ok) generations.push(guard.value?.generation ?? 0);
  return {
    highestGeneration: Math.max(...generations),
    highestTerm: Math.max(...terms),
    epochs,
    probers: marked,
    zones: [...zones.values()],
  };
}

/** The highest epoch of each service that was found here or is said elsewhere. */
export function highestEpochs(
  { epochs }: LeftBehind,
  seen: readonly { readonly service: ServiceId; readonly epoch: number }[],
): ReadonlyMap<ServiceId, number> {
  const highest = new Map(epochs);
  for (const { service, epoch } of seen) highest.set(service, Math.max(epoch, highest.get(service) ?? 0));
  return highest;
}

/** Answers of a zone that go on in a new generation of the store. */
export type KeptZone = Pick<ZoneSnapshot, 'zone' | 'serial' | 'rrsets'>;

/** Keeps the managed answers that were served last, under a serial above theirs. */
export function keepAnswers(config: Config, zones: readonly KeptZone[]): readonly StoreWrite[] {
  const keys = storeKeys(config.cluster.name);
  const names = new Set(config.services.flatMap(({ record }) => [record.name, ownershipName(record.name)]));
  return zones.flatMap(({ zone, serial, rrsets }) => {
    const managed = rrsets.filter(({ name, type }) => names.has(name) && ['A', 'AAAA', 'CNAME', 'TXT'].includes(type));
    const answers = managed.map((rrset): StoreWrite => {
      const value = formatStoredRrset({ rrset, epoch: 0, seq: 0 });
      return { kind: 'put', key: keys.zoneRrset(zone, rrset.name, rrset.type), value };
    });
    const above = formatStoredSerial(nextSerial(serial));
    return [...answers, { kind: 'put', key: keys.zoneSerial(zone), value: above }];
  });
}
