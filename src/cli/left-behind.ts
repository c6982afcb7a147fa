// What an earlier cluster left on this machine: marks, the guard's memory, snapshots that are being served. A new store begins
// above all of it (S4), and goes on with the answers that resolvers have (S28).
import { join } from 'node:path';
import { storeKeys } from '../base/store-keys.ts';
import type { Config } from '../config/config.ts';
import { nextSerial } from '../dns/serial.ts';
import { formatStoredRrset, formatStoredSerial } from '../dns/stored-rrset.ts';
import { highestGuardPosition } from '../nodes/exec/read-guard-marks.ts';
import { ownershipName } from '../plan/ownership.ts';
import type { Store, StoreWrite } from '../ports/store.ts';
import { SnapshotFile } from '../server/snapshot-file.ts';
import { HighWater } from '../store/high-water.ts';
import { isNewerSnapshot } from '../zone/snapshot-order.ts';
import type { ZoneSnapshot } from '../zone/zone-snapshot.ts';
import { guardPath } from './guard-path.ts';

export type LeftBehind = {
  /** Zero when nothing was found. */
  readonly highestGeneration: number;
  /** The newest snapshot of each zone that any prober of this machine kept. */
  readonly zones: readonly ZoneSnapshot[];
};

export async function findLeftBehind(config: Config): Promise<LeftBehind> {
  const { stateDir, probers } = config.cluster;
  const generations = [0];
  const zones = new Map<string, ZoneSnapshot>();
  for (const { id } of probers) {
    const high = await HighWater.open(join(stateDir, id, 'high-water.json'));
    generations.push(high.mark()?.generation.number ?? 0);
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
  return { highestGeneration: Math.max(...generations), zones: [...zones.values()] };
}

/** Writes the managed answers that were served last, under a serial above theirs. Safe to repeat. */
export async function keepAnswers(store: Store, config: Config, { zones }: LeftBehind): Promise<void> {
  const keys = storeKeys(config.cluster.name);
  const names = new Set(config.services.flatMap(({ record }) => [record.name, ownershipName(record.name)]));
  for (const { zone, serial, rrsets } of zones) {
    const managed = rrsets.filter(({ name, type }) => names.has(name) && ['A', 'AAAA', 'TXT'].includes(type));
    const writes: StoreWrite[] = managed.map((rrset) => {
      const value = formatStoredRrset({ rrset, epoch: 0, seq: 0 });
      return { kind: 'put', key: keys.zoneRrset(zone, rrset.name, rrset.type), value };
    });
    writes.push({ kind: 'put', key: keys.zoneSerial(zone), value: formatStoredSerial(nextSerial(serial)) });
    await store.commit({ guards: [], writes, token: `init-${zone}` });
  }
}
