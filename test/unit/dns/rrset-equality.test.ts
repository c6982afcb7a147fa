// When two RRsets say the same: values as a set, addresses by value, TTL only where it is asked for.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Rrset } from '../../../src/dns/rrset.ts';
import { canonicalValue, hasSameValues, isSameRrset } from '../../../src/dns/rrset-equality.ts';

const BASE: Rrset = { name: 'app.example.com.', type: 'AAAA', ttlSeconds: 20, values: ['2001:db8::1', '2001:db8::2'] };

describe('RRset equality', () => {
  const cases: readonly [what: string, other: Partial<Rrset>, values: boolean, all: boolean][] = [
    ['itself', {}, true, true],
    ['another order', { values: ['2001:db8::2', '2001:db8::1'] }, true, true],
    ['another spelling', { values: ['2001:DB8:0::1', '2001:db8:0:0:0:0:0:2'] }, true, true],
    ['another TTL', { ttlSeconds: 21 }, true, false],
    ['one value less', { values: ['2001:db8::1'] }, false, false],
    ['another value', { values: ['2001:db8::1', '2001:db8::3'] }, false, false],
    ['another name', { name: 'b.example.com.' }, false, false],
    ['another type', { type: 'TXT' }, false, false],
  ];
  for (const [what, other, values, all] of cases) {
    test(`${what}: values ${values ? 'same' : 'differ'}, all ${all ? 'same' : 'differs'}`, () => {
      const right = { ...BASE, ...other };
      assert.deepEqual([hasSameValues(BASE, right), isSameRrset(BASE, right)], [values, all]);
      assert.deepEqual([hasSameValues(right, BASE), isSameRrset(right, BASE)], [values, all]);
    });
  }

  test('canonicalValue leaves alone what is no address', () => {
    for (const value of ['"2001:DB8::1"', 'www.example.com.', '192.0.2.01', '10 mail.example.com.']) {
      assert.equal(canonicalValue(value), value);
    }
  });
});
