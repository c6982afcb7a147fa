// RFC 1982 section 3.2: comparison of serial numbers, with the examples of section 5.2 in 32 bits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareSerials, nextSerial } from '../../../src/dns/serial.ts';

const HALF = 2 ** 31;
const serial = fc.integer({ min: 0, max: 2 ** 32 - 1 });

for (const [left, right, order] of [
  [1, 0, 'greater'],
  [0, 1, 'less'],
  [7, 7, 'equal'],
  [0, 2 ** 32 - 1, 'greater'],
  [2 ** 32 - 1, 0, 'less'],
  [HALF - 1, 0, 'greater'],
  [HALF, 0, 'undefined'],
  [0, HALF, 'undefined'],
  [HALF + 1, 0, 'less'],
] as const) {
  test(`compareSerials finds ${left} ${order} against ${right}`, () => {
    assert.equal(compareSerials(left, right), order);
  });
}

test('compareSerials is antisymmetric', () => {
  const opposite = { less: 'greater', greater: 'less', equal: 'equal', undefined: 'undefined' } as const;
  fc.assert(
    fc.property(serial, serial, (left, right) => {
      assert.equal(compareSerials(left, right), opposite[compareSerials(right, left)]);
    }),
  );
});

test('nextSerial is always greater and never 0', () => {
  fc.assert(fc.property(serial, (value) => compareSerials(nextSerial(value), value) === 'greater'));
  assert.equal(nextSerial(2 ** 32 - 1), 1);
});
