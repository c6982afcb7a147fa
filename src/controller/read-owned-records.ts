// What the built-in zones hold for one service, found by the ownership TXT that stands beside each managed name (S26): also of a
// service that is not configured any more. A record that cannot be read belongs to nobody.
import type { ServiceId } from '../base/ids.ts';
import { rrsetKeyPart } from '../base/rrset-key-part.ts';
import type { StoreKeys } from '../base/store-keys.ts';
import { nextSerial } from '../dns/serial.ts';
import { formatStoredSerial, parseStoredRrset, parseStoredSerial } from '../dns/stored-rrset.ts';
import { ownershipName, parseOwnership } from '../plan/ownership.ts';
import type { Guard, Store, StoreEntry, StoreWrite } from '../ports/store.ts';

export type OwnedRecords = {
  /** The managed names, and the keys of everything that stands under them and beside them. */
  readonly names: readonly string[];
  readonly guards: readonly Guard[];
  /** Takes them out and raises the serial, so that every name server sees that there is something new (S29). */
  readonly removal: readonly StoreWrite[];
};

export async function readOwnedRecords(
  { store, keys }: { readonly store: Store; readonly keys: StoreKeys },
  { cluster, service }: { readonly cluster: string; readonly service: ServiceId },
): Promise<OwnedRecords> {
  const prefix = `${keys.root}dns/`;
  const { entries } = await store.list(prefix);
  const records = entries.map((entry) => ({ entry, ...placeOf(entry, prefix) }));
  const owned = records.flatMap(({ entry, zone, rest }) => {
    const stored = parseStoredRrset(rest, entry.value);
    if (!stored.ok || stored.value.rrset.type !== 'TXT') return [];
    const { name, values } = stored.value.rrset;
    const owner = parseOwnership(values[0] ?? '');
    const isOurs = owner.ok && owner.value.cluster === cluster && owner.value.service === service;
    const managed = name.slice(ownershipName('').length);
    return isOurs && ownershipName(managed) === name ? [{ zone, managed }] : [];
  });
  const parts = owned.flatMap(({ zone, managed }) =>
    records.filter((record) => record.zone === zone && partsOf(managed).includes(record.rest)),
  );
  const serials = [...new Set(owned.map(({ zone }) => zone))].map((zone) => raised(records, keys.zoneSerial(zone)));
  return {
    names: owned.map(({ managed }) => managed),
    guards: [...parts.map(({ entry }) => asItIs(entry)), ...serials.map(({ guard }) => guard)],
    removal: [
      ...parts.map(({ entry: { key } }): StoreWrite => ({ kind: 'delete', key })),
      ...serials.map(({ write }) => write),
    ],
  };
}

/** What a cutover writes for a name. */
function partsOf(name: string): readonly string[] {
  const answers = (['A', 'AAAA', 'CNAME'] as const).map((type) => rrsetKeyPart(name, type));
  return [...answers, rrsetKeyPart(ownershipName(name), 'TXT')];
}

function placeOf({ key }: StoreEntry, prefix: string): { readonly zone: string; readonly rest: string } {
  const [zone = '', ...rest] = key.slice(prefix.length).split('/');
  return { zone, rest: rest.join('/') };
}

function asItIs({ key, version }: StoreEntry): Guard {
  return { kind: 'version', key, version };
}

function raised(
  records: readonly { readonly entry: StoreEntry }[],
  key: string,
): { readonly guard: Guard; readonly write: StoreWrite } {
  const entry = records.find((record) => record.entry.key === key)?.entry;
  const parsed = entry === undefined ? null : parseStoredSerial(entry.value);
  const value = formatStoredSerial(nextSerial(parsed?.ok === true ? parsed.value : 0));
  return { guard: entry === undefined ? { kind: 'absent', key } : asItIs(entry), write: { kind: 'put', key, value } };
}
