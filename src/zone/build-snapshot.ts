// Puts a zone together: SOA and apex NS from its definition, glue from the name servers, static and managed RRsets.
// The result is canonical in order and spelling, so that every server that builds it gets the same bytes (S29).
import { deepFreeze } from '../base/deep-freeze.ts';
import type { DomainName } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { parseAddress } from '../dns/address.ts';
import { canonicalName } from '../dns/canonical-name.ts';
import { parseName } from '../dns/domain-name.ts';
import { formatRdata } from '../dns/format-rdata.ts';
import { compareNames } from '../dns/name-order.ts';
import { isWithin } from '../dns/name-tree.ts';
import { parseRdata } from '../dns/parse-rdata.ts';
import { RR_TYPE } from '../dns/rr-type.ts';
import { type Rrset, type RrType, rrsetKeyText } from '../dns/rrset.ts';
import { checkZone } from './check-zone.ts';
import type { ZoneFault } from './zone-fault.ts';
import type { ZoneSnapshot } from './zone-snapshot.ts';

/** What does not change with the store: the configured zone. */
export type ZoneDefinition = {
  readonly name: DomainName;
  readonly hostmaster: DomainName;
  readonly soa: {
    readonly refreshSeconds: number;
    readonly retrySeconds: number;
    readonly expireSeconds: number;
    readonly minimumSeconds: number;
    /** TTL of SOA, apex NS and glue. */
    readonly ttlSeconds: number;
  };
  /** The first one is the primary that SOA names. */
  readonly nameServers: readonly { readonly name: DomainName }[];
  readonly records: readonly Rrset[];
};

export type SnapshotInput = {
  readonly zone: ZoneDefinition;
  readonly generation: number;
  readonly serial: number;
  readonly managed: readonly Rrset[];
  /** Addresses of name servers; those of names outside the zone are not needed and left out. */
  readonly nameServerAddresses: readonly { readonly name: DomainName; readonly address: string }[];
};

/** The snapshot, frozen and checked, or every invariant that the parts break together. */
export function buildSnapshot(input: SnapshotInput): Result<ZoneSnapshot, readonly ZoneFault[]> {
  const given = [...input.zone.records, ...input.managed];
  const rrsets = [...apexRrsets(input), ...given, ...glueRrsets(input, given)].map(canonicalRrset).sort(compareRrsets);
  const { generation, serial } = input;
  const snapshot = deepFreeze<ZoneSnapshot>({ zone: input.zone.name, generation, serial, rrsets });
  const checked = checkZone(snapshot);
  return checked.ok ? ok(snapshot) : err(checked.error);
}

function apexRrsets({ zone, serial }: SnapshotInput): readonly Rrset[] {
  const { soa, hostmaster, nameServers, name } = zone;
  const numbers = [serial, soa.refreshSeconds, soa.retrySeconds, soa.expireSeconds, soa.minimumSeconds];
  const primary = nameServers[0]?.name ?? name;
  const values = nameServers.map((server) => server.name);
  const { ttlSeconds } = soa;
  return [
    { name, type: 'SOA', ttlSeconds, values: [`${primary} ${hostmaster} ${numbers.join(' ')}`] },
    ...(values.length === 0 ? [] : [{ name, type: 'NS', ttlSeconds, values } as const]),
  ];
}

/** One RRset for each name and family. A name server whose address is also given as a record is left to that record. */
function glueRrsets({ zone, nameServerAddresses }: SnapshotInput, given: readonly Rrset[]): readonly Rrset[] {
  const taken = new Set(given.map(rrsetKeyText));
  const glue = new Map<string, Rrset>();
  for (const { name, address } of nameServerAddresses) {
    if (!isInside(name, zone.name)) continue;
    const parsed = parseAddress(address);
    const type: RrType = parsed.ok && parsed.value.family === 6 ? 'AAAA' : 'A';
    const key = rrsetKeyText({ name, type });
    if (taken.has(key)) continue;
    const values = new Set([...(glue.get(key)?.values ?? []), address]);
    glue.set(key, { name, type, ttlSeconds: zone.soa.ttlSeconds, values: [...values] });
  }
  return [...glue.values()];
}

function isInside(name: DomainName, zone: DomainName): boolean {
  const wire = parseName(name);
  const apex = parseName(zone);
  return wire.ok && apex.ok && isWithin(wire.value, apex.value);
}

/** Of a value without one although others have theirs: checkZone names it. */
const NO_WEIGHT = 0;

/** One spelling for one value, in the order of RFC 4034 section 6.3. What cannot be read is left for checkZone to name. */
function canonicalRrset(rrset: Rrset): Rrset {
  const name = canonicalName(rrset.name);
  const values = rrset.values.map((value, index) => ({
    ...canonicalValue(rrset.type, value),
    weight: rrset.weights?.[index] ?? NO_WEIGHT,
  }));
  values.sort((left, right) => Buffer.compare(left.rdata, right.rdata));
  return {
    name: name.ok ? name.value : rrset.name,
    type: rrset.type,
    ttlSeconds: rrset.ttlSeconds,
    values: values.map(({ text }) => text),
    ...(rrset.weights === undefined ? {} : { weights: values.map(({ weight }) => weight) }),
  };
}

function canonicalValue(type: RrType, text: string): { readonly text: string; readonly rdata: Uint8Array } {
  const rdata = parseRdata(type, text);
  if (!rdata.ok) return { text, rdata: new Uint8Array() };
  const formatted = formatRdata(type, rdata.value);
  return { text: formatted.ok ? formatted.value : text, rdata: rdata.value };
}

function compareRrsets(left: Rrset, right: Rrset): number {
  const leftName = parseName(left.name);
  const rightName = parseName(right.name);
  const order = leftName.ok && rightName.ok ? compareNames(leftName.value, rightName.value) : 0;
  return order || RR_TYPE[left.type] - RR_TYPE[right.type];
}
