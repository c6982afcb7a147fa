// When two RRsets say the same: values as a set, addresses by value, TTL only where it is asked for.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Rrset } from '../../../src/dns/rrset.ts';
import { canonicalValue, hasSameValues, isSameRrset } from '../../../src/dns/rrset-equality.ts';

const BASE: Rrset = { name: 'app.example.com.', type: 'AAAA', ttlSeconds: 20, values: ['2001:db8::1', '2001:db8::2'] };
const ALIAS = { hostedZoneId: 'Z2FDTNDATAQYW2', dnsName: 'd1.cloudfront.example.', evaluateTargetHealth: false };

describe('RRset equality', () => {
  const cases: readonly [what: string, other: Partial<Rrset>, values: boolean, all: boolean][] = [
    ['itself', {}, true, true],
    ['another order', { values: ['2001:db8::2', '2001:db8::1'] }, true, true],
    ['another spelling', { values: ['2001:DB8:0::1', '2001:db8:0:0:0:0:0:2'] }, true, true],
    ['weights', { weights: [1, 2] }, true, false],
    ['an alias', { alias: ALIAS, values: [] }, false, false],
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

  test('weights belong to their values, whatever the order', () => {
    const weighted = { ...BASE, weights: [1, 2] };
    const turned = { ...BASE, values: ['2001:db8::2', '2001:db8::1'], weights: [2, 1] };
    assert.equal(isSameRrset(weighted, turned), true);
    assert.equal(isSameRrset(weighted, { ...turned, weights: [1, 2] }), false);
  });

  test('an alias is compared by zone and name of its target, and its health check is no answer', () => {
    const alias: Rrset = { name: 'app.example.com.', type: 'A', ttlSeconds: 0, values: [], alias: ALIAS };
    const other = (change: Partial<typeof ALIAS>): Rrset => ({ ...alias, alias: { ...ALIAS, ...change } });
    assert.equal(isSameRrset(alias, other({ dnsName: 'D1.CloudFront.example.' })), true);
    assert.equal(hasSameValues(alias, other({ dnsName: 'd2.cloudfront.example.' })), false);
    assert.equal(hasSameValues(alias, other({ hostedZoneId: 'Z1' })), false);
    assert.equal(hasSameValues(alias, other({ evaluateTargetHealth: true })), true);
    assert.equal(isSameRrset(alias, other({ evaluateTargetHealth: true })), false);
  });

  test('the name of a CNAME is compared without regard to case (RFC 4343)', () => {
    const cname: Rrset = { name: 'app.example.com.', type: 'CNAME', ttlSeconds: 20, values: ['a.example.net.'] };
    assert.equal(isSameRrset(cname, { ...cname, values: ['A.Example.NET.'] }), true);
  });

  test('canonicalValue leaves alone what is no address', () => {
    for (const value of ['"2001:DB8::1"', 'www.example.com.', '192.0.2.01', '10 mail.example.com.']) {
      assert.equal(canonicalValue(value), value);
    }
  });
});
