// The built-in zone as the store holds it: which record is which RRset, at which version, and the commit that changes it.
import type { DomainName } from '../../src/base/ids.ts';
import { OneupError } from '../../src/base/oneup-error.ts';
import type { StoreKeys } from '../../src/base/store-keys.ts';
import type { Rrset } from '../../src/dns/rrset.ts';
import { nextSerial } from '../../src/dns/serial.ts';
import {
  formatStoredRrset,
  formatStoredSerial,
  parseStoredRrset,
  parseStoredSerial,
  storedRrsetKeyPart,
} from '../../src/dns/stored-rrset.ts';
import { type Ownership, ownershipName, parseOwnership } from '../../src/plan/ownership.ts';
import type { RrsetChange } from '../../src/plan/rrset-change.ts';
import type { CommitRequest, Guard, Store, StoreWrite } from '../../src/ports/store.ts';

export type ZoneRecords = {
  readonly rrsets: readonly Rrset[];
  /** 0 before the first write. */
  readonly serial: number;
  /** Version of each record, by its key in the store. */
  readonly versions: ReadonlyMap<string, number>;
};

/** Serial of a zone that was never written; the first write makes it 1. */
const NO_SERIAL = 0;

/** Reads the zone in one listing. Throws OneupError: what the store throws, or ONEUP_STORE_CORRUPT naming the record. */
export async function readZone(store: Store, keys: StoreKeys, zone: DomainName): Promise<ZoneRecords> {
  const { entries } = await store.list(keys.zone(zone));
  const rrsets: Rrset[] = [];
  const versions = new Map<string, number>();
  let serial = NO_SERIAL;
  for (const { key, value, version } of entries) {
    versions.set(key, version);
    if (key === keys.zoneSerial(zone)) serial = understood(key, parseStoredSerial(value));
    else rrsets.push(understood(key, parseStoredRrset(key.slice(keys.zone(zone).length), value)).rrset);
  }
  return { rrsets, serial, versions };
}

/**
 * One commit that does all of `changes` if nothing it touches has changed since `records` was read, and raises the serial,
 * so that every name server sees that there is something new (S29).
 */
export function zoneCommit(
  changes: readonly RrsetChange[],
  records: ZoneRecords,
  { keys, zone, token }: { readonly keys: StoreKeys; readonly zone: DomainName; readonly token: string },
): CommitRequest {
  const serialKey = keys.zoneSerial(zone);
  const guards: Guard[] = [guardOf(serialKey, records)];
  const writes: StoreWrite[] = [{ kind: 'put', key: serialKey, value: formatStoredSerial(nextSerial(records.serial)) }];
  for (const { before, after } of changes) {
    const target = (after ?? before) as Rrset;
    const key = keys.zone(zone) + storedRrsetKeyPart(target);
    guards.push(guardOf(key, records));
    if (after === null) writes.push({ kind: 'delete', key });
    else writes.push({ kind: 'put', key, value: formatStoredRrset({ rrset: after, ...writerOf(after, changes) }) });
  }
  return { guards, writes, token };
}

function guardOf(key: string, { versions }: ZoneRecords): Guard {
  const version = versions.get(key);
  return version === undefined ? { kind: 'absent', key } : { kind: 'version', key, version };
}

/** Epoch and seq of the ownership TXT that goes out in the same batch; zeros for a record that nobody owns. */
function writerOf({ name }: Rrset, changes: readonly RrsetChange[]): Pick<Ownership, 'epoch' | 'seq'> {
  for (const { after } of changes) {
    if (after?.type !== 'TXT' || (after.name !== name && after.name !== ownershipName(name))) continue;
    const ownership = parseOwnership(after.values[0] ?? '');
    if (ownership.ok) return { epoch: ownership.value.epoch, seq: ownership.value.seq };
  }
  return { epoch: 0, seq: 0 };
}

function understood<T>(key: string, result: { ok: true; value: T } | { ok: false; error: string }): T {
  if (result.ok) return result.value;
  throw new OneupError('ONEUP_STORE_CORRUPT', `Cannot read ${key}: ${result.error}`);
}
