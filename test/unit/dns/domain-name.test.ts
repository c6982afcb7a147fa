// Names in both forms: what is accepted, what is refused with which reason, and that nothing is lost on the way back.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { canonicalName } from '../../../src/dns/canonical-name.ts';
import { formatName, parseName } from '../../../src/dns/domain-name.ts';
import { compareNames } from '../../../src/dns/name-order.ts';
import { isWithin, labelCount, parentName } from '../../../src/dns/name-tree.ts';

const LABEL_63 = 'a'.repeat(63);

function wire(text: string): Uint8Array {
  const name = parseName(text);
  assert.ok(name.ok, text);
  return name.value;
}

describe('parseName', () => {
  for (const [text, hex] of [
    ['.', '00'],
    ['example.com.', '076578616d706c6503636f6d00'],
    ['a\\.b.', '03612e6200'],
    ['\\000\\255.', '0200ff00'],
    ['\\@x.', '02407800'],
    ['*.example.', '012a076578616d706c6500'],
  ] as const) {
    test(`encodes ${text}`, () => assert.equal(Buffer.from(wire(text)).toString('hex'), hex));
  }

  for (const [text, reason] of [
    ['', /absolute/],
    ['example.com', /absolute/],
    ['example.com\\.', /absolute/],
    ['a..b.', /empty label/],
    ['.a.', /empty label/],
    [`a${LABEL_63}.`, /longer than 63/],
    [`${LABEL_63}.${LABEL_63}.${LABEL_63}.${LABEL_63}.`, /longer than 255/],
    ['\\256.', /more than 255/],
    ['\\1.', /three digits/],
    ['a\\', /inside an escape/],
    ['a b.', /\\032/],
    ['m\u00fcnchen.', /\\DDD/],
    ['\uff41.', /\\DDD/],
  ] as const) {
    test(`refuses ${JSON.stringify(text.slice(0, 20))} because ${reason.source}`, () => {
      const name = parseName(text);
      assert.ok(!name.ok);
      assert.match(name.error, reason);
    });
  }

  test('accepts a name of exactly 255 octets', () => {
    assert.equal(wire(`${LABEL_63}.${LABEL_63}.${LABEL_63}.${'a'.repeat(61)}.`).length, 255);
  });

  test('reads back what formatName wrote, for any octets', () => {
    const label = fc.uint8Array({ minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(label, { maxLength: 10 }), (labels) => {
        const octets = Uint8Array.from([...labels.flatMap((one) => [one.length, ...one]), 0]);
        assert.deepEqual(wire(formatName(octets)), octets);
      }),
    );
  });
});

describe('names in the tree', () => {
  test('compareNames gives the order of RFC 4034 section 6.1', () => {
    const ordered = [
      'example.',
      'a.example.',
      'yljkjljk.a.example.',
      'Z.a.example.',
      'zABC.a.EXAMPLE.',
      'z.example.',
      '\\001.z.example.',
      '*.z.example.',
      '\\200.z.example.',
    ];
    const shuffled = ordered.toReversed().sort((left, right) => compareNames(wire(left), wire(right)));
    assert.deepEqual(shuffled, ordered);
  });

  test('isWithin respects label boundaries and ignores case', () => {
    assert.equal(isWithin(wire('WWW.example.com.'), wire('example.COM.')), true);
    assert.equal(isWithin(wire('example.com.'), wire('example.com.')), true);
    assert.equal(isWithin(wire('notexample.com.'), wire('example.com.')), false);
    assert.equal(isWithin(wire('com.'), wire('example.com.')), false);
    assert.equal(isWithin(wire('example.com.'), wire('.')), true);
    // The label "\007example.com" ends in octets that look like the labels of example.com.
    assert.equal(isWithin(wire('x\\007example.com.'), wire('example.com.')), false);
  });

  test('parentName climbs to the root and stays there', () => {
    assert.equal(formatName(parentName(wire('a.b.'))), 'b.');
    assert.equal(formatName(parentName(wire('.'))), '.');
    assert.equal(labelCount(wire('a.b.')), 2);
  });

  test('canonicalName has one text for one name', () => {
    assert.deepEqual(canonicalName('WwW.\\101xample.com.'), { ok: true, value: 'www.example.com.' });
  });
});
