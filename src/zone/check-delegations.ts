// What may stand at and below a delegation: NS there, glue below, nothing else (RFC 1034 section 4.2.1).
// Other data would never be answered, so whoever wrote it is wrong about something.
import { formatName } from '../dns/domain-name.ts';
import { parentName } from '../dns/name-tree.ts';
import type { ZoneFault } from './zone-fault.ts';
import type { NameTable } from './zone-names.ts';

/** Faults around NS RRsets below the apex. */
export function checkDelegations(names: NameTable): readonly ZoneFault[] {
  const faults: ZoneFault[] = [];
  for (const [name, types] of names.byName) {
    const isCut = name !== names.zone && types.has('NS');
    if (isCut && name.startsWith('*.')) {
      const reason = 'what it would delegate is not defined (RFC 4592 section 4.2)';
      faults.push({ kind: 'ns-at-wildcard', name, type: 'NS', reason });
    }
    const isBelow = findCutAbove(names, name) !== null;
    for (const type of types.keys()) {
      const isGlue = type === 'A' || type === 'AAAA';
      const reason = 'it belongs to the delegated zone';
      if (isBelow && !isGlue) faults.push({ kind: 'data-below-delegation', name, type, reason });
      else if (isCut && !isBelow && type !== 'NS' && !isGlue)
        faults.push({ kind: 'data-at-delegation', name, type, reason });
    }
  }
  return faults;
}

function findCutAbove(names: NameTable, name: string): string | null {
  const wire = names.existing.get(name);
  if (wire === undefined || name === names.zone) return null;
  for (let above = parentName(wire); above.length > 1; above = parentName(above)) {
    const text = formatName(above);
    if (text === names.zone) return null;
    if (names.byName.get(text)?.has('NS') === true) return text;
  }
  return null;
}
