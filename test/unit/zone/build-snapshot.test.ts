// buildSnapshot: the parts of a zone become one canonical value, whatever order and spelling they came in (S29).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ZoneConfig } from '../../../src/config/config.ts';
import type { Rrset } from '../../../src/dns/rrset.ts';
import { buildSnapshot, type SnapshotInput, type ZoneDefinition } from '../../../src/zone/build-snapshot.ts';
import { isNewerSnapshot } from '../../../src/zone/snapshot-order.ts';

const RECORDS: readonly Rrset[] = [
  { name: 'ha.example.com.', type: 'MX', ttlSeconds: 300, values: ['10 Mail.example.net.'] },
  { name: 'API.ha.example.com.', type: 'AAAA', ttlSeconds: 60, values: ['2001:DB8:0::2', '2001:db8::1'] },
];
const ZONE: ZoneConfig = {
  name: 'ha.example.com.',
  nameServers: [
    { prober: 'fra', name: 'fra.ns.ha.example.com.' },
    { prober: 'iad', name: 'iad.ns.ha.example.com.' },
    { prober: 'sin', name: 'ns.example.net.' },
  ],
  hostmaster: 'ops.example.com.',
  soa: { refreshSeconds: 60, retrySeconds: 30, expireSeconds: 86_400, minimumSeconds: 5, ttlSeconds: 3_600 },
  records: RECORDS,
};
const INPUT: SnapshotInput = {
  zone: ZONE satisfies ZoneDefinition,
  generation: 2,
  serial: 41,
  managed: [
    { name: 'azkaban.ha.example.com.', type: 'A', ttlSeconds: 20, values: ['192.0.2.21'] },
    { name: '_oneup.azkaban.ha.example.com.', type: 'TXT', ttlSeconds: 20, values: ['"epoch=4"'] },
  ],
  nameServerAddresses: [
    { name: 'iad.ns.ha.example.com.', address: '192.0.2.2' },
    { name: 'fra.ns.ha.example.com.', address: '2001:db8::1' },
    { name: 'fra.ns.ha.example.com.', address: '192.0.2.1' },
    { name: 'ns.example.net.', address: '192.0.2.3' },
  ],
};

function lines(input: SnapshotInput): readonly string[] {
  const snapshot = buildSnapshot(input);
  assert.ok(snapshot.ok, snapshot.ok ? '' : JSON.stringify(snapshot.error));
  return snapshot.value.rrsets.map(
    ({ name, ttlSeconds, type, values }) => `${name} ${ttlSeconds} ${type} ${values.join(', ')}`,
  );
}

function faults(input: SnapshotInput): readonly string[] {
  const snapshot = buildSnapshot(input);
  return snapshot.ok ? [] : snapshot.error.map(({ kind, name }) => `${kind} ${name}`);
}

describe('buildSnapshot', () => {
  test('puts SOA, NS, glue, static and managed RRsets in canonical order', () => {
    assert.deepEqual(lines(INPUT), [
      'ha.example.com. 3600 NS ns.example.net., fra.ns.ha.example.com., iad.ns.ha.example.com.',
      'ha.example.com. 3600 SOA fra.ns.ha.example.com. ops.example.com. 41 60 30 86400 5',
      'ha.example.com. 300 MX 10 mail.example.net.',
      'api.ha.example.com. 60 AAAA 2001:db8::1, 2001:db8::2',
      'azkaban.ha.example.com. 20 A 192.0.2.21',
      '_oneup.azkaban.ha.example.com. 20 TXT "epoch=4"',
      'fra.ns.ha.example.com. 3600 A 192.0.2.1',
      'fra.ns.ha.example.com. 3600 AAAA 2001:db8::1',
      'iad.ns.ha.example.com. 3600 A 192.0.2.2',
    ]);
  });

  test('gives the same bytes whatever order the parts come in', () => {
    const expected = JSON.stringify(buildSnapshot(INPUT));
    const shuffled = <T>(items: readonly T[]) => fc.shuffledSubarray([...items], { minLength: items.length });
    fc.assert(
      fc.property(
        shuffled(INPUT.managed),
        shuffled(RECORDS),
        shuffled(INPUT.nameServerAddresses),
        (managed, records, addresses) => {
          const snapshot = buildSnapshot({
            ...INPUT,
            managed,
            zone: { ...ZONE, records },
            nameServerAddresses: addresses,
          });
          assert.equal(JSON.stringify(snapshot), expected);
        },
      ),
    );
  });

  test('is frozen to the bottom', () => {
    const snapshot = buildSnapshot(INPUT);
    assert.ok(snapshot.ok);
    const values = snapshot.value.rrsets[0]?.values as string[];
    assert.throws(() => values.push('x'), /not extensible/);
  });

  test('leaves glue to a record that is written out', () => {
    const own: Rrset = { name: 'iad.ns.ha.example.com.', type: 'A', ttlSeconds: 7, values: ['192.0.2.9'] };
    assert.ok(lines({ ...INPUT, managed: [own] }).includes('iad.ns.ha.example.com. 7 A 192.0.2.9'));
  });

  test('names what the parts break together', () => {
    assert.deepEqual(faults({ ...INPUT, managed: [...INPUT.managed, ...INPUT.managed] }).toSorted(), [
      'rrset-repeated _oneup.azkaban.ha.example.com.',
      'rrset-repeated azkaban.ha.example.com.',
    ]);
    assert.deepEqual(faults({ ...INPUT, nameServerAddresses: [] }), [
      'name-server-without-address ha.example.com.',
      'name-server-without-address ha.example.com.',
    ]);
    assert.deepEqual(
      faults({ ...INPUT, managed: [{ name: 'a.ha.example.com.', type: 'A', ttlSeconds: 5, values: [] }] }),
      ['rrset-empty a.ha.example.com.'],
    );
    assert.deepEqual(faults({ ...INPUT, zone: { ...ZONE, nameServers: [] } }), ['apex-ns-missing ha.example.com.']);
  });
});

describe('isNewerSnapshot', () => {
  for (const [candidate, current, expected] of [
    [{ generation: 1, serial: 2 }, { generation: 1, serial: 1 }, true],
    [{ generation: 1, serial: 1 }, { generation: 1, serial: 1 }, false],
    [{ generation: 1, serial: 1 }, { generation: 1, serial: 2 ** 32 - 1 }, true],
    [{ generation: 2, serial: 1 }, { generation: 1, serial: 900 }, true],
    [{ generation: 1, serial: 900 }, { generation: 2, serial: 1 }, false],
  ] as const) {
    test(`${JSON.stringify(candidate)} against ${JSON.stringify(current)}: ${expected} (S30)`, () => {
      assert.equal(isNewerSnapshot(candidate, current), expected);
    });
  }
});
