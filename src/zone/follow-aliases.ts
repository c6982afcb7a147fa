// Where a chain of CNAMEs of one zone ends, found the way the server walks it.
import type { DomainName } from '../base/ids.ts';
import { CNAME_CHAIN_MAX } from './answer-from-zone.ts';
import { matchName, type NameTable } from './zone-names.ts';

/** The last name of the chain inside the zone, or null for a loop or a chain longer than the server follows. */
export function followAliases(names: NameTable, start: DomainName): DomainName | null {
  let name = start;
  for (let step = 0; step <= CNAME_CHAIN_MAX; step += 1) {
    const target = names.byName.get(name)?.get('CNAME')?.rdatas[0];
    if (target === undefined) return name;
    const next = matchName(names, target);
    if (next === null) return name;
    name = next;
  }
  return null;
}
