// S27 as a table: who wrote last, and so what to do after a provider refused a guarded write. The next try plans from a fresh
// listing, so the plan itself is the judgement.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Rrset } from '../../../src/dns/rrset.ts';
import type { DnsIntent } from '../../../src/failover/intent.ts';
import { formatOwnership, type Ownership } from '../../../src/plan/ownership.ts';
import { type DnsWritePlan, planDnsWrite } from '../../../src/plan/plan-dns-write.ts';

const NAME = 'app.example.com.';
const THIS = at(1, 4, 9);
const EXPECTED = at(1, 3, 7);
const UNCONFIRMED = at(1, 3, 8);

function at(generation: number, epoch: number, seq: number): Ownership {
  return { cluster: 'prod', service: 'app', generation, epoch, seq };
}

function held(owner: Ownership | string | null, values = ['192.0.2.1'], ttlSeconds = 20): readonly Rrset[] {
  const text = typeof owner === 'string' || owner === null ? owner : formatOwnership(owner);
  const txt: Rrset[] = text === null ? [] : [{ name: `_oneup.${NAME}`, type: 'TXT', ttlSeconds: 20, values: [text] }];
  return [{ name: NAME, type: 'A', ttlSeconds, values }, ...txt];
}

type Case = {
  readonly what: string;
  readonly current: readonly Rrset[];
  readonly kind: DnsWritePlan['kind'];
  readonly expectedBefore?: Ownership | null;
  readonly reason?: RegExp;
};

const CASES: readonly Case[] = [
  { what: 'the TXT is this write', current: held(THIS, ['192.0.2.2']), kind: 'done' },
  {
    what: 'the TXT is an unconfirmed write of ours',
    current: held(UNCONFIRMED, ['192.0.2.2']),
    kind: 'write',
    reason: /ownershipBefore.{0,80}seq=8/,
  },
  {
    what: 'the TXT is as expected and the TTL was edited',
    current: held(EXPECTED, ['192.0.2.1'], 300),
    kind: 'write',
    reason: /"before":{[^}]*"ttlSeconds":300/,
  },
  { what: 'the TXT is as expected and so is the rest', current: held(EXPECTED), kind: 'write' },
  { what: 'foreign values beside the expected TXT', current: held(EXPECTED, ['198.51.100.9']), kind: 'drift' },
  { what: 'foreign values beside an unconfirmed TXT', current: held(UNCONFIRMED, ['198.51.100.9']), kind: 'drift' },
  { what: 'a TXT above every intent', current: held(at(1, 5, 10)), kind: 'stale', reason: /epoch=5 seq=10/ },
  { what: 'a TXT of a newer generation', current: held(at(2, 1, 1)), kind: 'stale' },
  { what: 'a TXT of an older generation', current: held(at(0, 9, 99)), kind: 'write' },
  { what: 'a TXT that was replaced before', current: held(at(1, 3, 6)), kind: 'drift', reason: /replaced before/ },
  { what: 'a TXT between ours that nobody knows', current: held(at(1, 4, 8)), kind: 'drift' },
  { what: 'the TXT is gone', current: held(null), kind: 'drift', reason: /TXT is gone/ },
  { what: 'the TXT is no text of oneup', current: held('"hello"'), kind: 'drift', reason: /cannot be read/ },
  { what: 'another cluster', current: held({ ...EXPECTED, cluster: 'dev' }), kind: 'drift', reason: /cluster dev/ },
  { what: 'another service', current: held({ ...EXPECTED, service: 'b' }), kind: 'drift', reason: /service b/ },
  {
    what: 'an address without a TXT before the first write',
    current: held(null),
    expectedBefore: null,
    kind: 'drift',
    reason: /without an ownership TXT/,
  },
  { what: 'nothing at all before the first write', current: [], expectedBefore: null, kind: 'write' },
  { what: 'a TXT before the first write', current: held(at(1, 9, 9)), expectedBefore: null, kind: 'stale' },
];

function intentOf({ epoch, seq }: Ownership): DnsIntent {
  return { node: 'b', level: 'steady', epoch, seq };
}

function planFrom(current: readonly Rrset[], expectedBefore: Ownership | null): DnsWritePlan {
  return planDnsWrite({
    cluster: 'prod',
    generation: 1,
    service: 'app',
    record: {
      name: NAME,
      zone: 'example.com.',
      ttl: { steadySeconds: 20, suspectSeconds: 5, settlingSeconds: 10 },
      sorry: null,
    },
    nodes: [
      { id: 'a', address: '192.0.2.1' },
      { id: 'b', address: '192.0.2.2' },
    ],
    intent: intentOf(THIS),
    confirmed: expectedBefore === null ? null : intentOf(expectedBefore),
    unconfirmed: [intentOf(UNCONFIRMED)],
    current,
    adoptsRecord: false,
    repairsDrift: false,
  });
}

describe('planDnsWrite after a refusal', () => {
  for (const { what, current, kind, expectedBefore = EXPECTED, reason } of CASES) {
    test(`${what}: ${kind}`, () => {
      const result = planFrom(current, expectedBefore);
      assert.equal(result.kind, kind);
      if (reason !== undefined) assert.match(JSON.stringify(result), reason);
    });
  }

  test('two ownership texts at once are drift', () => {
    const values = [formatOwnership(EXPECTED), formatOwnership(THIS)];
    const current: Rrset[] = [{ name: `_oneup.${NAME}`, type: 'TXT', ttlSeconds: 20, values }];
    assert.equal(planFrom(current, EXPECTED).kind, 'drift');
  });
});
