// Each invariant of a zone, broken once: checkZone names that one and no other.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkZone, ZONE_RRSETS_MAX } from '../../../src/zone/check-zone.ts';
import { compileZone } from '../../../src/zone/compile-zone.ts';
import { formatZoneFault, type ZoneFaultKind } from '../../../src/zone/zone-fault.ts';
import type { ZoneSnapshot } from '../../../src/zone/zone-snapshot.ts';
import { EXAMPLE_ZONE } from '../../support/dns/example-zone.ts';
import { snapshotOf } from '../../support/dns/zone-text.ts';

const SOA = 'example.com. 60 SOA ns1.example.com. hostmaster.example.com. 9 1 1 1 1';
const NS = 'example.com. 60 NS ns1.example.com.';
const GLUE = 'ns1.example.com. 60 A 192.0.2.1';

function kinds(snapshot: ZoneSnapshot): readonly ZoneFaultKind[] {
  const checked = checkZone(snapshot);
  return checked.ok ? [] : checked.error.map(({ kind }) => kind);
}

const BROKEN: readonly (readonly [kind: ZoneFaultKind, lines: readonly string[]])[] = [
  ['name-invalid', [SOA, NS, GLUE, 'a..example.com. 60 A 192.0.2.1']],
  ['name-not-canonical', [SOA, NS, GLUE, 'WWW.example.com. 60 A 192.0.2.1']],
  ['name-outside-zone', [SOA, NS, GLUE, 'www.example.net. 60 A 192.0.2.1']],
  ['ttl-out-of-range', [SOA, NS, GLUE, 'www.example.com. 2147483648 A 192.0.2.1']],
  ['value-invalid', [SOA, NS, GLUE, 'www.example.com. 60 A 192.0.2']],
  ['value-repeated', [SOA, NS, GLUE, 'www.example.com. 60 AAAA ::1', 'www.example.com. 60 AAAA 0::0001']],
  ['soa-missing', [NS, GLUE]],
  ['soa-not-single', [SOA, SOA.replace('ns1', 'ns2'), NS, GLUE]],
  ['soa-not-at-apex', [SOA, NS, GLUE, 'www.example.com. 60 SOA ns1.example.com. hostmaster.example.com. 9 1 1 1 1']],
  ['apex-ns-missing', [SOA, GLUE]],
  ['cname-not-alone', [SOA, NS, GLUE, 'www.example.com. 60 CNAME a.', 'www.example.com. 60 TXT "a"']],
  ['cname-not-alone', [SOA, NS, GLUE, 'example.com. 60 CNAME a.']],
  ['cname-not-single', [SOA, NS, GLUE, 'www.example.com. 60 CNAME a.', 'www.example.com. 60 CNAME b.']],
  ['cname-chain', [SOA, NS, GLUE, 'www.example.com. 60 CNAME www.example.com.']],
  ['cname-chain', [SOA, NS, GLUE, '*.w.example.com. 60 CNAME any.w.example.com.']],
  [
    'target-is-cname',
    [SOA, NS, GLUE, 'example.com. 60 MX 1 m.example.com.', 'm.example.com. 60 CNAME ns1.example.com.'],
  ],
  [
    'target-is-cname',
    [SOA, NS, GLUE, '_s.example.com. 60 SRV 1 1 1 m.example.com.', '*.example.com. 60 CNAME ns1.example.com.'],
  ],
  ['name-server-without-address', [SOA, NS]],
  ['ns-at-wildcard', [SOA, NS, GLUE, '*.sub.example.com. 60 NS ns1.example.com.']],
  [
    'data-below-delegation',
    [SOA, NS, GLUE, 'sub.example.com. 60 NS ns1.example.com.', 'a.sub.example.com. 60 TXT "a"'],
  ],
  [
    'data-at-delegation',
    [SOA, NS, GLUE, 'sub.example.com. 60 NS ns1.example.com.', 'sub.example.com. 60 MX 1 ns1.example.com.'],
  ],
];

describe('checkZone', () => {
  test('finds nothing wrong with the example zone', () => assert.deepEqual(kinds(snapshotOf(EXAMPLE_ZONE)), []));

  for (const [kind, lines] of BROKEN) {
    test(`names ${kind} for ${lines.at(-1)}`, () =>
      assert.deepEqual([...new Set(kinds(snapshotOf(lines.join('\n'))))], [kind]));
  }

  test('names an empty RRset (S28)', () => {
    const good = snapshotOf([SOA, NS, GLUE].join('\n'));
    const rrsets = [...good.rrsets, { name: 'www.example.com.', type: 'A', ttlSeconds: 5, values: [] } as const];
    assert.deepEqual(kinds({ ...good, rrsets }), ['rrset-empty']);
  });

  test('names a repeated RRset, a wrong order and a serial that differs', () => {
    const good = snapshotOf([SOA, NS, GLUE].join('\n'));
    const last = good.rrsets[2];
    assert.ok(last !== undefined);
    assert.deepEqual(kinds({ ...good, rrsets: [...good.rrsets, last] }), ['rrset-repeated']);
    assert.deepEqual(kinds({ ...good, rrsets: good.rrsets.toReversed() }), [
      'order-not-canonical',
      'order-not-canonical',
    ]);
    assert.deepEqual(kinds({ ...good, serial: 10 }), ['soa-serial-differs']);
    assert.deepEqual(kinds({ ...good, serial: 2 ** 32 }), ['serial-invalid', 'soa-serial-differs']);
    assert.deepEqual(kinds({ ...good, generation: 1.5 }), ['generation-invalid']);
    assert.deepEqual(kinds({ ...good, zone: 'Example.com.' }), ['name-not-canonical']);
  });

  test('bounds an RRset and a zone', () => {
    const good = snapshotOf([SOA, NS, GLUE].join('\n'));
    const values = Array.from({ length: 60 }, (_, index) => `"${String(index).padEnd(250, 'x')}"`);
    const large = { name: 'www.example.com.', type: 'TXT', ttlSeconds: 5, values } as const;
    assert.deepEqual(kinds({ ...good, rrsets: [...good.rrsets, large] }), ['rrset-too-large']);
    const many = new Array(ZONE_RRSETS_MAX + 1).fill(large);
    assert.deepEqual(kinds({ ...good, rrsets: many }), ['zone-too-large']);
  });

  test('compileZone compiles nothing that checkZone refuses', () => {
    const compiled = compileZone(snapshotOf([SOA, GLUE].join('\n')));
    assert.ok(!compiled.ok);
    assert.deepEqual(compiled.error.map(formatZoneFault), [
      'example.com. NS: apex-ns-missing: a zone names its servers at the apex',
    ]);
  });
});
