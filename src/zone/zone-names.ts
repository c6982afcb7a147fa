// The names of a zone under construction: which types each has, and which names exist only because others are below them.
import type { DomainName } from '../base/ids.ts';
import { formatName } from '../dns/domain-name.ts';
import { isWithin, parentName } from '../dns/name-tree.ts';
import type { RrType } from '../dns/rrset.ts';
import type { ParsedRrset } from './parsed-rrset.ts';

export type NameTable = {
  readonly zone: DomainName;
  /** Names that own RRsets, by canonical text. */
  readonly byName: ReadonlyMap<DomainName, ReadonlyMap<RrType, ParsedRrset>>;
  /** All names that exist, with wire form; empty non-terminals included (RFC 4592 section 2.2.2). */
  readonly existing: ReadonlyMap<DomainName, Uint8Array>;
};

/** The table of a list of RRsets. Of two RRsets with the same name and type the later one counts. */
export function nameTable(rrsets: readonly ParsedRrset[], zone: DomainName): NameTable {
  const byName = new Map<DomainName, Map<RrType, ParsedRrset>>();
  const existing = new Map<DomainName, Uint8Array>();
  for (const parsed of rrsets) {
    const name = formatName(parsed.name);
    const types = byName.get(name) ?? new Map<RrType, ParsedRrset>();
    byName.set(name, types.set(parsed.rrset.type, parsed));
    addWithAncestors(existing, parsed.name, zone);
  }
  return { zone, byName, existing };
}

function addWithAncestors(existing: Map<DomainName, Uint8Array>, wire: Uint8Array, zone: DomainName): void {
  let name = wire;
  for (;;) {
    const text = formatName(name);
    if (existing.has(text)) return;
    existing.set(text, name);
    if (text === zone || name.length === 1) return;
    name = parentName(name);
  }
}

/** The name that answers for `text`: itself, the wildcard that covers it, or null (RFC 4592 section 3.3). */
export function matchName(names: NameTable, wire: Uint8Array): DomainName | null {
  const apex = names.existing.get(names.zone);
  if (apex === undefined || !isWithin(wire, apex)) return null;
  const text = formatName(wire);
  if (names.existing.has(text)) return text;
  let encloser = parentName(wire);
  while (!names.existing.has(formatName(encloser))) encloser = parentName(encloser);
  const wildcard = encloser.length === 1 ? '*.' : `*.${formatName(encloser)}`;
  return names.existing.has(wildcard) ? wildcard : null;
}
