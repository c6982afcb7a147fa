// What stands at Route 53 in our words and ours in its words: spellings, aliases, weights, and lists that read only what is asked.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { fromRoute53Name, toRoute53Name } from '../../../../providers/route53/record-name.ts';
import { fromRoute53Value, toRoute53Value } from '../../../../providers/route53/record-value.ts';
import type { Rrset, RrType } from '../../../../src/dns/rrset.ts';
import { txtValue } from '../../../../src/dns/txt-value.ts';
import { a, assertApplied, assertConflict, create, NAME, txt } from '../../../conformance/provider-samples.ts';
import { held, Route53Bench } from './bench.ts';

describe('the Route 53 provider', () => {
  let bench: Route53Bench;
  before(async () => {
    bench = await Route53Bench.open();
  });
  beforeEach(() => {
    bench.double.zones.find(bench.zoneId).sets = new Map();
  });
  after(() => bench[Symbol.asyncDispose]());

  const NAMES: readonly (readonly [string, string])[] = [
    ['app.example.com.', 'app.example.com.'],
    ['_oneup.app.example.com.', '_oneup.app.example.com.'],
    ['*.example.com.', '\\052.example.com.'],
    ['a\\@b.example.com.', 'a\\100b.example.com.'],
    ['a\\.b.example.com.', 'a\\056b.example.com.'],
    ['a\\\\b.example.com.', 'a\\134b.example.com.'],
    ['\\255.example.com.', '\\377.example.com.'],
  ];

  test('names go over in octal and come back in decimal (DomainNameFormat.html)', () => {
    for (const [ours, theirs] of NAMES) {
      assert.equal(toRoute53Name(ours), theirs);
      assert.equal(fromRoute53Name(theirs), ours);
    }
    assert.equal(toRoute53Name('App.Example.COM.'), 'app.example.com.');
    assert.equal(fromRoute53Name('app.example.com'), 'app.example.com.');
  });

  const VALUES: readonly (readonly [RrType, string, string])[] = [
    ['TXT', '"plain"', '"plain"'],
    ['TXT', '"a \\" b \\\\ c"', '"a \\" b \\\\ c"'],
    ['TXT', '"\\195\\164"', '"\\303\\244"'],
    ['TXT', '"one" "two"', '"one" "two"'],
    ['TXT', '"\\\\101"', '"\\\\101"'],
    ['CNAME', 'www.example.net.', 'www.example.net.'],
    ['MX', '10 a\\@b.example.net.', '10 a\\100b.example.net.'],
    ['CAA', '0 issue "ca.example.net"', '0 issue "ca.example.net"'],
  ];

  test('values go over in octal and come back in decimal (ResourceRecordTypes.html)', () => {
    for (const [type, ours, theirs] of VALUES) {
      assert.equal(toRoute53Value(type, ours), theirs);
      assert.equal(fromRoute53Value(type, theirs), ours);
    }
    assert.equal(fromRoute53Value('CNAME', 'www.example.net'), 'www.example.net.');
  });

  test('every type, and names and texts that need escapes, are created, listed and removed', async () => {
    const rrsets: readonly Rrset[] = [
      { name: '*.example.com.', type: 'A', ttlSeconds: 60, values: ['192.0.2.1', '192.0.2.2'] },
      { name: 'a\\@b.example.com.', type: 'TXT', ttlSeconds: 60, values: [txtValue('grüße "quoted" \\ back')] },
      { name: 'long.example.com.', type: 'TXT', ttlSeconds: 60, values: [txtValue('x'.repeat(600))] },
      { name: 'c.example.com.', type: 'CNAME', ttlSeconds: 0x7fffffff, values: ['www.example.net.'] },
      { name: 'm.example.com.', type: 'MX', ttlSeconds: 60, values: ['10 mail.example.net.'] },
      { name: 'm.example.com.', type: 'CAA', ttlSeconds: 60, values: ['0 issue "ca.example.net"'] },
      { name: 's.example.com.', type: 'SRV', ttlSeconds: 60, values: ['1 2 443 www.example.net.'] },
      { name: 'n.example.com.', type: 'NS', ttlSeconds: 60, values: ['ns.example.net.'] },
      { name: 's.example.com.', type: 'AAAA', ttlSeconds: 60, values: ['2001:db8::1'] },
    ];
    const names = rrsets.map(({ name }) => name);
    assertApplied(await bench.apply(rrsets.map(create)));
    const listed = await bench.list(names);
    const byText = (left: Rrset, right: Rrset) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1);
    assert.deepEqual(listed.toSorted(byText), rrsets.toSorted(byText));
    assertApplied(await bench.apply(listed.map((rrset) => ({ before: rrset, after: null }))));
    assert.deepEqual(await bench.list(names), []);
  });

  test('what somebody spelled in another way is compared by meaning and deleted by letter (S27)', async () => {
    bench.edit(
      held('APP.example.com', 'AAAA', ['2001:0DB8:0:0::1']),
      held(NAME, 'TXT', ['"\\141bc"']),
      held('c.example.com', 'CNAME', ['www.example.net']),
    );
    const listed = await bench.list([NAME, 'c.example.com.']);
    assert.deepEqual(
      listed.map(({ values }) => values),
      [['2001:0DB8:0:0::1'], ['"abc"'], ['www.example.net.']],
    );
    bench.calls();
    const canonical = listed.map((rrset) => (rrset.type === 'AAAA' ? { ...rrset, values: ['2001:db8::1'] } : rrset));
    assertApplied(await bench.apply(canonical.map((rrset) => ({ before: rrset, after: null }))));
    const change = 'ChangeResourceRecordSets';
    assert.deepEqual(bench.calls(), [change, 'ListResourceRecordSets', change], 'refused, read, and once more');
    assert.deepEqual(await bench.list([NAME, 'c.example.com.']), []);
  });

  test('an alias is listed, replaced by addresses and written again, and compared whole', async () => {
    const target = { ...a('192.0.2.9'), name: 'target.example.com.' };
    assertApplied(await bench.apply([create(target)]));
    const aliasTo = (dnsName: string): Rrset => ({
      name: NAME,
      type: 'A',
      ttlSeconds: 0,
      values: [],
      alias: { hostedZoneId: bench.zoneId, dnsName, evaluateTargetHealth: false },
    });
    const alias = aliasTo('target.example.com.');
    assertApplied(await bench.apply([create(alias)]));
    assert.deepEqual(await bench.list([NAME]), [alias]);
    assertConflict(await bench.apply([{ before: aliasTo('other.example.com.'), after: a('192.0.2.1') }]), [alias]);
    assertApplied(await bench.apply([{ before: alias, after: a('192.0.2.1') }]));
    assertApplied(await bench.apply([{ before: a('192.0.2.1'), after: alias }]));
    assertApplied(
      await bench.apply([
        { before: alias, after: null },
        { before: target, after: null },
      ]),
    );
  });

  test('weights become one set for each value, in the one batch, and come back as they were', async () => {
    const spread = (weights: readonly number[], ...values: readonly string[]): Rrset => ({ ...a(''), values, weights });
    const two = spread([10, 30], '192.0.2.1', '192.0.2.2');
    assertApplied(await bench.apply([create(two), create(txt('"w"'))]));
    assert.deepEqual((await bench.list([NAME]))[0], two);
    assertConflict(await bench.apply([{ before: spread([10, 31], '192.0.2.1', '192.0.2.2'), after: a('192.0.2.1') }]), [
      two,
      txt('"w"'),
    ]);
    const three = spread([1, 2, 255], '192.0.2.2', '192.0.2.3', '192.0.2.4');
    bench.calls();
    assertApplied(await bench.apply([{ before: two, after: three }]));
    assert.deepEqual(bench.calls(), ['ChangeResourceRecordSets']);
    const plain = a('192.0.2.1', 120, '192.0.2.2');
    assertApplied(await bench.apply([{ before: three, after: plain }]));
    assertApplied(await bench.apply([{ before: plain, after: two }]));
    for (const wrong of [
      spread([256], '192.0.2.1'),
      spread(Array(101).fill(1), ...Array.from({ length: 101 }, (_, index) => `192.0.2.${index}`)),
    ]) {
      const result = await bench.apply([{ before: two, after: wrong }]);
      assert.ok(result.kind === 'failed' && result.code === 'ONEUP_PROVIDER_REFUSED', JSON.stringify(result));
    }
    assertApplied(
      await bench.apply([
        { before: two, after: null },
        { before: txt('"w"'), after: null },
      ]),
    );
  });

  test('weighted sets of somebody else are read, and replaced under their own identifiers', async () => {
    const set = (SetIdentifier: string, Weight: number, value: string) =>
      held(NAME, 'A', [value], { SetIdentifier, Weight });
    bench.edit(set('blue', 1, '192.0.2.1'), set('green', 3, '192.0.2.2'));
    const [listed] = await bench.list([NAME]);
    assert.deepEqual(
      [listed?.values, listed?.weights],
      [
        ['192.0.2.1', '192.0.2.2'],
        [1, 3],
      ],
    );
    assertApplied(await bench.apply([{ before: listed as Rrset, after: a('192.0.2.1') }]));
    assertApplied(await bench.apply([{ before: a('192.0.2.1'), after: null }]));
    bench.edit(set('off', 0, '192.0.2.1'));
    await assert.rejects(bench.list([NAME]), { code: 'ONEUP_PROVIDER_RECORD_CONFLICT' });
  });

  test('a name and its ownership TXT are read with one call, however large the zone', async () => {
    const many = (from: string) =>
      Array.from({ length: 400 }, (_, index) => held(`${from}${index}.example.com`, 'A', ['192.0.2.1']));
    bench.edit(...many('a'));
    bench.edit(...many('z'));
    const owner = { ...txt('"o"'), name: `_oneup.${NAME}` };
    assertApplied(await bench.apply([create(a('192.0.2.1')), create(owner)]));
    bench.calls();
    assert.deepEqual(await bench.list([owner.name, NAME]), [a('192.0.2.1'), owner]);
    assert.deepEqual(bench.calls(), ['ListResourceRecordSets']);
    assert.equal((await bench.list(['z399.example.com.', 'a0.example.com.', 'nowhere.example.com.'])).length, 2);
    assert.ok(bench.calls().length <= 3);
  });

  test('a name with more sets than a page is read page by page', async () => {
    const sets = Array.from({ length: 100 }, (_, index) =>
      held('w.example.com', 'A', [`192.0.2.${index}`], { SetIdentifier: `s${index}`, Weight: 1 }),
    );
    for (const type of ['A', 'AAAA', 'TXT', 'MX'] as const) {
      const value = { A: '192.0.2', AAAA: '2001:db8:', TXT: '"', MX: '1 m' }[type];
      const end = { A: '', AAAA: '', TXT: '"', MX: '' }[type];
      bench.edit(
        ...sets.map((set, index) => ({
          ...set,
          Type: type,
          ResourceRecords: [{ Value: `${value}${type === 'A' ? '.' : type === 'AAAA' ? ':' : ''}${index}${end}` }],
        })),
      );
    }
    bench.calls();
    const listed = await bench.list(['w.example.com.']);
    assert.deepEqual(
      listed.map(({ type, values }) => [type, values.length]),
      [
        ['A', 100],
        ['AAAA', 100],
        ['MX', 100],
        ['TXT', 100],
      ],
    );
    assert.equal(bench.calls().length, 2);
  });

  test('a read that is late does not make a write wrong: the guard is at the provider', async () => {
    assertApplied(await bench.apply([create(txt('"1"'))]));
    bench.double.zones.pace.staleLists = 1;
    assertApplied(await bench.apply([{ before: txt('"1"'), after: txt('"2"') }]));
    bench.double.zones.pace.staleLists = 0;
    const late = await bench.list([NAME]);
    assert.deepEqual(late, [txt('"1"')]);
    assertConflict(await bench.apply([{ before: txt('"1"'), after: txt('"3"') }]), [txt('"2"')]);
    assertApplied(await bench.apply([{ before: txt('"2"'), after: null }]));
  });

  test('both forms of a refused batch are understood', async () => {
    assertApplied(await bench.apply([create(a('192.0.2.1'))]));
    bench.double.invalidBatchForm = 'modelled';
    assertConflict(await bench.apply([{ before: a('192.0.2.2'), after: a('192.0.2.3') }]), [a('192.0.2.1')]);
    const cname = { name: NAME, type: 'CNAME', ttlSeconds: 60, values: ['www.example.net.'] } as const;
    const result = await bench.apply([create(cname)]);
    assert.ok(result.kind === 'failed' && result.code === 'ONEUP_PROVIDER_RECORD_CONFLICT', JSON.stringify(result));
    bench.double.invalidBatchForm = 'common';
    assertApplied(await bench.apply([{ before: a('192.0.2.1'), after: null }]));
  });
});
