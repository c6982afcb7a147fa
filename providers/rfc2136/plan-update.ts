// From changes to the one UPDATE that does them, if and only if what they replace is still there (S26, S27). Names with an
// alias are watched here: a server silently leaves out a CNAME beside other data, and other data beside a CNAME
// (RFC 2136 section 3.4.2.2), so what must not be there is a prerequisite too.
import type { DomainName } from '../../src/base/ids.ts';
import { type Rrset, type RrsetKey, rrsetKeyText } from '../../src/dns/rrset.ts';
import type { Prerequisite, Update, UpdateStep } from '../../src/dns/update.ts';
import type { RrsetChange } from '../../src/plan/rrset-change.ts';
import { namesOf } from '../compare-before.ts';
import { RFC2136_CAPABILITIES } from './capabilities.ts';

export function planUpdate(zone: DomainName, changes: readonly RrsetChange[], { id }: { readonly id: number }): Update {
  const prerequisites = changes.map(
    (change): Prerequisite =>
      change.before === null ? { kind: 'noRrset', key: keyOf(change) } : { kind: 'rrsetIs', rrset: change.before },
  );
  const guards = namesOf(changes).flatMap((name) => rivalsAt(name, changes));
  const steps: UpdateStep[] = [];
  // Everything goes before anything comes, so that an alias can take the place of addresses.
  for (const change of changes) if (change.before !== null) steps.push({ kind: 'deleteRrset', key: keyOf(change) });
  for (const { after } of changes) if (after !== null) steps.push({ kind: 'add', rrset: after });
  return {
    id,
    zone,
    prerequisites: [...prerequisites, ...guards.map((key): Prerequisite => ({ kind: 'noRrset', key }))],
    steps,
  };
}

/** The first reason why what `changes` leave cannot stand in one zone with `current`, or null. */
export function findRival(zone: DomainName, changes: readonly RrsetChange[], current: readonly Rrset[]): string | null {
  const held = new Set(current.map(rrsetKeyText));
  for (const name of namesOf(changes)) {
    const left = typesLeft(name, changes);
    if (!left.includes('CNAME') && left.length === 0) continue;
    // RFC 1034 section 3.6.2: a CNAME stands alone, and SOA and NS stand at the apex.
    if (left.includes('CNAME') && name === zone) return `a CNAME cannot stand at the apex ${zone}`;
    if (left.includes('CNAME') && left.length > 1) return `${name} would hold a CNAME and other data`;
    const rival = rivalsAt(name, changes).find((key) => held.has(rrsetKeyText(key)));
    if (rival !== undefined) return `${name} holds a ${rival.type}, beside which ${left.join(' and ')} cannot stand`;
  }
  return null;
}

/** What must not stand at `name` beside what is written there, and is not itself changed. */
function rivalsAt(name: DomainName, changes: readonly RrsetChange[]): readonly RrsetKey[] {
  const left = typesLeft(name, changes);
  if (left.length === 0) return [];
  const changed = new Set(changes.map((change) => rrsetKeyText(keyOf(change))));
  const rivals = left.includes('CNAME') ? RFC2136_CAPABILITIES.types : (['CNAME'] as const);
  return rivals.map((type) => ({ name, type })).filter((key) => !changed.has(rrsetKeyText(key)));
}

function typesLeft(name: DomainName, changes: readonly RrsetChange[]): readonly Rrset['type'][] {
  return changes.flatMap(({ after }) => (after?.name === name ? [after.type] : []));
}

function keyOf({ before, after }: RrsetChange): RrsetKey {
  const { name, type } = (before ?? after) as Rrset;
  return { name, type };
}
