// What no provider may be asked to write: each case is refused before anything is sent, with the name of the RRset.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { refuseChanges } from '../../../providers/check-changes.ts';
import type { Rrset } from '../../../src/dns/rrset.ts';
import type { ProviderCapabilities } from '../../../src/ports/dns-provider.ts';

const ZONE = 'example.com.';
const CAPABILITIES: ProviderCapabilities = {
  atomicBatch: true,
  conditionalWrite: true,
  ttlMinSeconds: 30,
  ttlMaxSeconds: 300,
  granularity: 'rrset',
  readAfterWrite: true,
  remembersKeys: false,
  followsSuspicion: false,
  types: ['A', 'AAAA', 'CNAME', 'TXT'],
  holdsAliases: true,
};
const ADDRESS: Rrset = { name: 'app.example.com.', type: 'A', ttlSeconds: 60, values: ['192.0.2.1'] };
const TARGET = { hostedZoneId: 'Z2FDTNDATAQYW2', dnsName: 'd1.cloudfront.example.', evaluateTargetHealth: false };
const ALIAS: Rrset = { name: 'app.example.com.', type: 'A', ttlSeconds: 0, values: [], alias: TARGET };

function refusal(after: Rrset, capabilities = CAPABILITIES): string | null {
  return refuseChanges(ZONE, [{ before: null, after }], capabilities)?.reason ?? null;
}

describe('refuseChanges', () => {
  const cases: readonly [what: string, after: Rrset, reason: RegExp | null][] = [
    ['an address', ADDRESS, null],
    ['an alias', ALIAS, null],
    ['a TTL below the minimum', { ...ADDRESS, ttlSeconds: 29 }, /from 30 to 300 seconds, value was 29/],
    ['a TTL above the maximum', { ...ADDRESS, ttlSeconds: 301 }, /from 30 to 300 seconds, value was 301/],
    ['an RRset without values', { ...ADDRESS, values: [] }, /never emptied \(S28\)/],
    ['one address in two spellings', { ...ADDRESS, type: 'AAAA', values: ['2001:db8::1', '2001:DB8:0::1'] }, /twice/],
    ['a name outside the zone', { ...ADDRESS, name: 'app.example.net.' }, /not in the zone/],
    ['the SOA', { ...ADDRESS, type: 'SOA', name: ZONE }, /apex belongs to the zone itself \(S28\)/],
    [
      'a type that is not held',
      { ...ADDRESS, type: 'MX', values: ['1 mail.example.com.'] },
      /holds A, AAAA, CNAME, TXT/,
    ],
    ['two names of a CNAME', { ...ADDRESS, type: 'CNAME', values: ['a.example.', 'b.example.'] }, /one value/],
    ['an alias with an address', { ...ALIAS, values: ['192.0.2.1'] }, /neither values nor a TTL/],
    ['an alias with a TTL', { ...ALIAS, ttlSeconds: 60 }, /neither values nor a TTL/],
    ['an alias with another judge', { ...ALIAS, alias: { ...TARGET, evaluateTargetHealth: true } }, /by itself/],
    ['an alias of type TXT', { ...ALIAS, type: 'TXT' }, /only an A or AAAA/],
  ];
  for (const [what, after, reason] of cases) {
    test(`${what}: ${reason === null ? 'written' : 'refused'}`, () => {
      if (reason === null) assert.equal(refusal(after), null);
      else assert.match(refusal(after) ?? '', reason);
    });
  }

  test('a TTL has a code of its own, and nothing of the kind is tried again', () => {
    const codeOf = (after: Rrset) => {
      const refused = refuseChanges(ZONE, [{ before: null, after }], CAPABILITIES);
      return [refused?.code, refused?.applied, refused?.retryable];
    };
    assert.deepEqual(codeOf({ ...ADDRESS, ttlSeconds: 29 }), ['ONEUP_PROVIDER_TTL_REFUSED', 'none', false]);
    assert.deepEqual(codeOf({ ...ADDRESS, values: [] }), ['ONEUP_PROVIDER_REFUSED', 'none', false]);
  });

  test('an alias is refused where the provider holds none', () => {
    const { holdsAliases: _, ...rest } = CAPABILITIES;
    assert.match(refusal(ALIAS, rest) ?? '', /holds no alias targets/);
  });
});
