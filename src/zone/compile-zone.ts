// Turns a snapshot into lookup tables with prebuilt records. Everything is checked first: a zone with a fault never
// becomes something that can be served.
import type { DomainName } from '../base/ids.ts';
import { ok, type Result } from '../base/result.ts';
import { formatName, parseName } from '../dns/domain-name.ts';
import { lowerCaseName } from '../dns/lower-case-name.ts';
import { isWithin, labelCount, parentName } from '../dns/name-tree.ts';
import { RR_TYPE } from '../dns/rr-type.ts';
import type { RrType } from '../dns/rrset.ts';
import { checkZone } from './check-zone.ts';
import { compileRrset } from './compile-rrset.ts';
import type {
  CompiledCut,
  CompiledName,
  CompiledNames,
  CompiledRrset,
  CompiledZone,
  LoadedZone,
} from './compiled-zone.ts';
import { hashName } from './name-hash.ts';
import type { ParsedRrset } from './parsed-rrset.ts';
import type { ZoneFault } from './zone-fault.ts';
import { type NameTable, nameTable } from './zone-names.ts';
import type { ZoneSnapshot } from './zone-snapshot.ts';

type Addresses = ReadonlyMap<DomainName, readonly CompiledRrset[]>;
type Draft = { -readonly [Field in keyof CompiledName]: CompiledName[Field] };

const ADDRESS_TYPES = ['A', 'AAAA'] as const satisfies readonly RrType[];
const NO_TARGET = { addresses: [], isRequired: false } as const;

/** Compiles a snapshot; the error lists every invariant that it breaks, as `checkZone` does. Same input, same bytes. */
export function compileZone(snapshot: ZoneSnapshot): Result<LoadedZone, readonly ZoneFault[]> {
  const checked = checkZone(snapshot);
  if (!checked.ok) return checked;
  const table = nameTable(checked.value, snapshot.zone);
  const apex = table.existing.get(snapshot.zone) ?? new Uint8Array(1);
  const addresses = compileAddresses(table);
  const names = linkNames(table, addresses);
  const soa = table.byName.get(snapshot.zone)?.get('SOA') as ParsedRrset;
  const negativeSoa = compileRrset(soa, { ttlSeconds: negativeTtlSeconds(soa), findTarget: () => NO_TARGET });
  return ok(Object.freeze({ kind: 'loaded', zone: snapshot.zone, apex, snapshot, names, negativeSoa }));
}

/** A zone that is configured but has no snapshot yet (S30: without one, refuse). `zone` must be a valid name. */
export function awaitingZone(zone: DomainName): CompiledZone {
  const apex = parseName(zone);
  if (!apex.ok) throw new TypeError(`Cannot await zone ${JSON.stringify(zone)}: ${apex.error}`);
  return Object.freeze({ kind: 'awaiting', zone, apex: lowerCaseName(apex.value) });
}

/** RFC 2308 section 5: how long "no" may be kept is the lower of the SOA's own TTL and its MINIMUM field. */
function negativeTtlSeconds(soa: ParsedRrset): number {
  const rdata = Buffer.from(soa.rdatas[0] ?? []);
  return Math.min(soa.rrset.ttlSeconds, rdata.readUInt32BE(rdata.length - 4));
}

function compileAddresses(table: NameTable): Addresses {
  const addresses = new Map<DomainName, readonly CompiledRrset[]>();
  for (const [name, types] of table.byName) {
    const found = ADDRESS_TYPES.flatMap((type) => types.get(type) ?? []);
    if (found.length > 0) addresses.set(name, Object.freeze(found.map((parsed) => compilePlain(parsed))));
  }
  return addresses;
}

function compilePlain(parsed: ParsedRrset): CompiledRrset {
  return compileRrset(parsed, { ttlSeconds: parsed.rrset.ttlSeconds, findTarget: () => NO_TARGET });
}

/** Entries of all existing names, with their cuts and wildcards. */
function linkNames(table: NameTable, addresses: Addresses): CompiledNames {
  const cuts = compileCuts(table, addresses);
  const drafts = new Map<DomainName, Draft>();
  let labelsMax = 0;
  for (const [text, name] of table.existing) {
    const rrsets = compileRrsets(table, { name: text, addresses });
    const lowest = [...rrsets.values()].sort((left, right) => left.type - right.type)[0] ?? null;
    const cname = rrsets.get(RR_TYPE.CNAME) ?? null;
    drafts.set(text, {
      name,
      rrsets,
      cname,
      representative: lowest,
      cut: findCut(cuts, name, table.zone),
      wildcard: null,
    });
    labelsMax = Math.max(labelsMax, labelCount(name));
  }
  const byHash = new Map<number, readonly CompiledName[]>();
  for (const [text, draft] of drafts) {
    const parent = drafts.get(formatName(parentName(draft.name)));
    if (text.startsWith('*.') && parent !== undefined) parent.wildcard = draft;
    const hash = hashName(draft.name, 0, draft.name.length);
    byHash.set(hash, [...(byHash.get(hash) ?? []), draft]);
  }
  for (const draft of drafts.values()) Object.freeze(draft);
  return Object.freeze({ byHash, labelsMax });
}

function compileRrsets(
  table: NameTable,
  { name, addresses }: { readonly name: DomainName; readonly addresses: Addresses },
): ReadonlyMap<number, CompiledRrset> {
  const rrsets = new Map<number, CompiledRrset>();
  for (const parsed of table.byName.get(name)?.values() ?? []) {
    const findTarget = (target: Uint8Array) => ({
      // Glue below a delegation is not ours to hand out, except in the referral itself.
      addresses: isBelowCut(table, target) ? [] : (addresses.get(formatName(target)) ?? []),
      isRequired: false,
    });
    rrsets.set(parsed.typeNumber, compileRrset(parsed, { ttlSeconds: parsed.rrset.ttlSeconds, findTarget }));
  }
  return rrsets;
}

function compileCuts(table: NameTable, addresses: Addresses): ReadonlyMap<DomainName, CompiledCut> {
  const cuts = new Map<DomainName, CompiledCut>();
  for (const [text, types] of table.byName) {
    const ns = types.get('NS');
    if (ns === undefined || text === table.zone) continue;
    const findTarget = (target: Uint8Array) => ({
      addresses: addresses.get(formatName(target)) ?? [],
      isRequired: isWithin(target, ns.name),
    });
    const compiled = compileRrset(ns, { ttlSeconds: ns.rrset.ttlSeconds, findTarget });
    cuts.set(text, Object.freeze({ nameOctets: ns.name.length, ns: compiled }));
  }
  return cuts;
}

/** The delegation nearest to the apex at or above a name of the zone, or null. */
function findCut(cuts: ReadonlyMap<DomainName, CompiledCut>, name: Uint8Array, zone: DomainName): CompiledCut | null {
  let cut: CompiledCut | null = null;
  if (cuts.size === 0) return cut;
  for (let above = name; above.length > 1 && formatName(above) !== zone; above = parentName(above)) {
    cut = cuts.get(formatName(above)) ?? cut;
  }
  return cut;
}

function isBelowCut(table: NameTable, target: Uint8Array): boolean {
  for (let above = target; above.length > 1 && formatName(above) !== table.zone; above = parentName(above)) {
    if (table.byName.get(formatName(above))?.has('NS') === true) return true;
  }
  return false;
}
