// What names in NS, MX and SRV records may point at: never an alias (RFC 2181 section 10.3, RFC 2782), and a name
// server inside the zone needs an address there, because nobody else has it.
import { formatName } from '../dns/domain-name.ts';
import type { RrType } from '../dns/rrset.ts';
import type { ParsedRrset } from './parsed-rrset.ts';
import { TARGET_OFFSET } from './target-offset.ts';
import type { ZoneFault } from './zone-fault.ts';
import { matchName, type NameTable } from './zone-names.ts';

/** Faults of all targets that are inside the zone; those outside cannot be checked here. */
export function checkTargets(names: NameTable): readonly ZoneFault[] {
  const faults: ZoneFault[] = [];
  for (const types of names.byName.values()) {
    for (const parsed of types.values()) {
      for (const target of targetsOf(parsed)) faults.push(...checkTarget(names, parsed, target));
    }
  }
  return faults;
}

function targetsOf({ rrset, rdatas }: ParsedRrset): readonly Uint8Array[] {
  const offset = TARGET_OFFSET[rrset.type];
  return offset === undefined ? [] : rdatas.map((rdata) => rdata.subarray(offset));
}

function checkTarget(names: NameTable, { rrset }: ParsedRrset, target: Uint8Array): readonly ZoneFault[] {
  const { name, type } = rrset;
  const text = formatName(target);
  const match = matchName(names, target);
  const types = match === null ? undefined : names.byName.get(match);
  if (types?.has('CNAME') === true) {
    return [{ kind: 'target-is-cname', name, type, reason: `${text} is an alias` }];
  }
  const isInside = text === names.zone || text.endsWith(names.zone === '.' ? '.' : `.${names.zone}`);
  if (type === 'NS' && isInside && !hasAddress(names, text)) {
    return [{ kind: 'name-server-without-address', name, type, reason: `${text} has neither A nor AAAA` }];
  }
  return [];
}

function hasAddress(names: NameTable, name: string): boolean {
  const types = names.byName.get(name);
  return (['A', 'AAAA'] as const satisfies readonly RrType[]).some((type) => types?.has(type) === true);
}
