// Whether a snapshot may be served: every invariant that it breaks, by name. Nothing is compiled, kept or published
// that does not pass, so the rest of the server need not wonder.
import { err, ok, type Result } from '../base/result.ts';
import { formatName, parseName } from '../dns/domain-name.ts';
import { compareNames } from '../dns/name-order.ts';
import { CNAME_CHAIN_MAX } from './answer-from-zone.ts';
import { checkDelegations } from './check-delegations.ts';
import { checkRrset } from './check-rrset.ts';
import { checkTargets } from './check-targets.ts';
import { followAliases } from './follow-aliases.ts';
import { type ParsedRrset, parseRrset } from './parsed-rrset.ts';
import type { ZoneFault } from './zone-fault.ts';
import { type NameTable, nameTable } from './zone-names.ts';
import type { ZoneSnapshot } from './zone-snapshot.ts';

/** RRsets in one zone. oneup publishes services, not registries; the bound keeps snapshots small enough to load quickly. */
export const ZONE_RRSETS_MAX = 20_000;

const SERIAL_MAX = 0xffffffff;

/** The parsed RRsets of a zone without faults, or every fault found. */
export function checkZone(snapshot: ZoneSnapshot): Result<readonly ParsedRrset[], readonly ZoneFault[]> {
  const zoneFault = (kind: ZoneFault['kind'], reason: string): ZoneFault => ({
    kind,
    name: snapshot.zone,
    type: null,
    reason,
  });
  const apex = parseName(snapshot.zone);
  if (!apex.ok) return err([zoneFault('name-invalid', apex.error)]);
  if (formatName(apex.value) !== snapshot.zone.toLowerCase() || snapshot.zone !== snapshot.zone.toLowerCase()) {
    return err([zoneFault('name-not-canonical', `expected ${formatName(apex.value).toLowerCase()}`)]);
  }
  if (snapshot.rrsets.length > ZONE_RRSETS_MAX) {
    return err([zoneFault('zone-too-large', `${snapshot.rrsets.length} RRsets, at most ${ZONE_RRSETS_MAX}`)]);
  }
  const faults: ZoneFault[] = [];
  if (!Number.isSafeInteger(snapshot.generation) || snapshot.generation < 0) {
    faults.push(zoneFault('generation-invalid', `value was ${snapshot.generation}`));
  }
  if (!Number.isInteger(snapshot.serial) || snapshot.serial < 0 || snapshot.serial > SERIAL_MAX) {
    faults.push(zoneFault('serial-invalid', `expected 0 to ${SERIAL_MAX}, value was ${snapshot.serial}`));
  }
  const rrsets: ParsedRrset[] = [];
  for (const rrset of snapshot.rrsets) {
    const { parsed, faults: own } = parseRrset(rrset);
    faults.push(...own);
    if (parsed === null) continue;
    faults.push(...checkRrset(parsed, apex.value));
    rrsets.push(parsed);
  }
  const names = nameTable(rrsets, snapshot.zone);
  faults.push(
    ...checkOrder(rrsets),
    ...checkApex(names, snapshot),
    ...checkCnames(names),
    ...checkTargets(names),
    ...checkDelegations(names),
  );
  return faults.length === 0 ? ok(rrsets) : err(faults);
}

/** Canonical order makes the same data the same bytes on every server (S29), and shows repeated RRsets. */
function checkOrder(rrsets: readonly ParsedRrset[]): readonly ZoneFault[] {
  const faults: ZoneFault[] = [];
  for (const [index, current] of rrsets.entries()) {
    const previous = rrsets[index - 1];
    if (previous === undefined) continue;
    const order = compareNames(previous.name, current.name) || previous.typeNumber - current.typeNumber;
    const { name, type } = current.rrset;
    if (order === 0)
      faults.push({ kind: 'rrset-repeated', name, type, reason: 'the name has two RRsets of this type' });
    if (order > 0)
      faults.push({ kind: 'order-not-canonical', name, type, reason: 'it must stand before its predecessor' });
  }
  return faults;
}

/** RFC 1035 section 5.2: exactly one SOA, at the apex; RFC 1034 section 4.2.1: NS at the apex. */
function checkApex(names: NameTable, { zone, serial }: ZoneSnapshot): readonly ZoneFault[] {
  const faults: ZoneFault[] = [];
  const apex = names.byName.get(zone);
  const soa = apex?.get('SOA');
  if (soa === undefined) faults.push({ kind: 'soa-missing', name: zone, type: 'SOA', reason: 'a zone has one SOA' });
  else if (soa.rrset.values.length > 1) {
    faults.push({ kind: 'soa-not-single', name: zone, type: 'SOA', reason: `found ${soa.rrset.values.length}` });
  } else {
    const found = soaSerial(soa);
    const reason = `the SOA says ${found}, the snapshot ${serial}`;
    if (found !== null && found !== serial)
      faults.push({ kind: 'soa-serial-differs', name: zone, type: 'SOA', reason });
  }
  if (apex?.get('NS') === undefined) {
    faults.push({ kind: 'apex-ns-missing', name: zone, type: 'NS', reason: 'a zone names its servers at the apex' });
  }
  for (const [name, types] of names.byName) {
    if (name !== zone && types.has('SOA')) {
      faults.push({ kind: 'soa-not-at-apex', name, type: 'SOA', reason: `the apex is ${zone}` });
    }
  }
  return faults;
}

/** Five numbers of four octets end the rdata; the serial is the first of them (RFC 1035 section 3.3.13). */
function soaSerial({ rdatas }: ParsedRrset): number | null {
  const rdata = rdatas[0];
  return rdata === undefined ? null : Buffer.from(rdata).readUInt32BE(rdata.length - 20);
}

/** RFC 2181 section 10.1: a CNAME stands alone and leads somewhere in a bounded number of steps. */
function checkCnames(names: NameTable): readonly ZoneFault[] {
  const faults: ZoneFault[] = [];
  for (const [name, types] of names.byName) {
    const cname = types.get('CNAME');
    if (cname === undefined) continue;
    const others = [...types.keys()].filter((type) => type !== 'CNAME');
    if (others.length > 0) {
      faults.push({ kind: 'cname-not-alone', name, type: 'CNAME', reason: `the name also has ${others.join(', ')}` });
    }
    if (cname.rdatas.length > 1) {
      faults.push({ kind: 'cname-not-single', name, type: 'CNAME', reason: `found ${cname.rdatas.length}` });
    }
    if (followAliases(names, name) === null) {
      const reason = `it is a loop or longer than ${CNAME_CHAIN_MAX} steps`;
      faults.push({ kind: 'cname-chain', name, type: 'CNAME', reason });
    }
  }
  return faults;
}
