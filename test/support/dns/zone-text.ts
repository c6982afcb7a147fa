// Zones for tests as people read them: one record a line, `name ttl type rdata`, the SOA first and the apex from it.
import assert from 'node:assert/strict';
import { parseName } from '../../../src/dns/domain-name.ts';
import { compareNames } from '../../../src/dns/name-order.ts';
import { RR_TYPE } from '../../../src/dns/rr-type.ts';
import type { Rrset, RrType } from '../../../src/dns/rrset.ts';
import { compileZone } from '../../../src/zone/compile-zone.ts';
import type { LoadedZone } from '../../../src/zone/compiled-zone.ts';
import { formatZoneFault } from '../../../src/zone/zone-fault.ts';
import type { ZoneSnapshot } from '../../../src/zone/zone-snapshot.ts';

/** The snapshot of a zone text, in canonical order but otherwise unchecked. Lines that begin with `;` are comments. */
export function snapshotOf(text: string, { generation = 1 }: { readonly generation?: number } = {}): ZoneSnapshot {
  const rrsets = new Map<string, Rrset>();
  for (const line of text.split('\n').map((part) => part.trim())) {
    if (line === '' || line.startsWith(';')) continue;
    const [, name = '', ttl = '', type = '', value = ''] = /^(\S+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    assert.ok(Object.hasOwn(RR_TYPE, type), `the line must have a type that oneup holds: ${line}`);
    const key = `${name}|${type}`;
    const values = [...(rrsets.get(key)?.values ?? []), value];
    rrsets.set(key, { name, type: type as RrType, ttlSeconds: Number(ttl), values });
  }
  const soa = [...rrsets.values()].find(({ type }) => type === 'SOA');
  const serial = Number(soa?.values[0]?.split(/\s+/)[2] ?? 1);
  const sorted = [...rrsets.values()].sort(compareRrsets);
  return { zone: soa?.name ?? 'example.com.', generation, serial, rrsets: sorted };
}

/** The compiled zone of a text that must be without faults. */
export function zoneOf(text: string): LoadedZone {
  const compiled = compileZone(snapshotOf(text));
  assert.ok(compiled.ok, compiled.ok ? '' : compiled.error.map(formatZoneFault).join('\n'));
  return compiled.value;
}

function compareRrsets(left: Rrset, right: Rrset): number {
  const leftName = parseName(left.name);
  const rightName = parseName(right.name);
  const order = leftName.ok && rightName.ok ? compareNames(leftName.value, rightName.value) : 0;
  return order || RR_TYPE[left.type] - RR_TYPE[right.type];
}
