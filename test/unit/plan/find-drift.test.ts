// What somebody else has done to a record, in words; and whether a guarded write above it could put it right.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Rrset } from '../../../src/dns/rrset.ts';
import { desiredRrsets } from '../../../src/plan/desired-rrsets.ts';
import { type FindDriftInput, findDrift } from '../../../src/plan/find-drift.ts';
import { planDnsWrite } from '../../../src/plan/plan-dns-write.ts';

const NAME = 'web.example.com.';
const OWNER = { cluster: 'prod', service: 'web', generation: 1, epoch: 4, seq: 9 };
const CONFIRMED = { node: 'b', level: 'steady', epoch: 4, seq: 9 } as const;
const NODES = [
  { id: 'a', address: '192.0.2.1' },
  { id: 'b', address: '192.0.2.2' },
];
const TTL = { steadySeconds: 20, suspectSeconds: 5, settlingSeconds: 10 };
const RECORD = { name: NAME, zone: 'example.com.', ttl: TTL, sorry: null };

function held(seq = 9): readonly Rrset[] {
  const answers = [{ kind: 'address', address: '192.0.2.2' }] as const;
  return desiredRrsets({ name: NAME, answers, weights: null, ttlSeconds: 20, ownership: { ...OWNER, seq } });
}

function withAddress(change: Partial<Rrset>): readonly Rrset[] {
  return held().map((rrset) => (rrset.type === 'A' ? { ...rrset, ...change } : rrset));
}

function find(current: readonly Rrset[], change: Partial<FindDriftInput> = {}) {
  const place = { cluster: 'prod', generation: 1, service: 'web', record: RECORD, nodes: NODES };
  return findDrift({ ...place, confirmed: CONFIRMED, current, ownTtls: [], ...change });
}

const EXTRA: Rrset = { name: NAME, type: 'AAAA', ttlSeconds: 20, values: ['2001:db8::9'] };
const OTHER: Rrset = { name: 'mail.example.com.', type: 'A', ttlSeconds: 20, values: ['192.0.2.25'] };

describe('findDrift', () => {
  test('as written, whatever stands at other names', () => {
    assert.deepEqual(find(held()), { kind: 'asWritten' });
    assert.deepEqual(find([...held(), OTHER]), { kind: 'asWritten' });
  });

  for (const [what, current, reason, isMendable] of [
    ['an edited TTL', withAddress({ ttlSeconds: 300 }), 'A has a TTL of 300 s in place of 20 s', true],
    ['a foreign address', withAddress({ values: ['203.0.113.9'] }), 'A holds 203.0.113.9 in place of 192.0.2.2', true],
    ['the other node', withAddress({ values: ['192.0.2.1'] }), 'A holds 192.0.2.1 in place of 192.0.2.2', true],
    ['one too many', [...held(), EXTRA], 'AAAA 2001:db8::9 was added', true],
    ['no address', held().slice(1), 'A 192.0.2.2 is gone', true],
    ['no TXT', held().slice(0, 1), 'the ownership TXT is gone', false],
    ['a TXT above', held(10), 'the ownership TXT is above every write in the store', false],
    ['an old TXT', held(8), 'the ownership TXT is one that was replaced before', false],
  ] as const)
    test(`${what} is told${isMendable ? '' : ', and never mended'}`, () => {
      const found = find(current);
      assert.ok(found.kind === 'drift');
      assert.ok(found.reason.startsWith(`${NAME}: ${reason}`), found.reason);
      assert.equal(found.isMendable, isMendable);
    });

  test('a TTL that the provider gives of its own accord is none of our business', () => {
    assert.deepEqual(find(withAddress({ ttlSeconds: 300 }), { ownTtls: [300] }), { kind: 'asWritten' });
  });
});

describe('a write above drift', () => {
  const input = {
    ...{ cluster: 'prod', generation: 1, service: 'web', record: RECORD, nodes: NODES },
    ...{ intent: { ...CONFIRMED, seq: 10 }, confirmed: CONFIRMED, unconfirmed: [CONFIRMED], adoptsRecord: false },
  };
  const foreign = withAddress({ values: ['203.0.113.9'] });

  test('an edited TTL is repaired without asking', () => {
    const current = withAddress({ ttlSeconds: 300 });
    const plan = planDnsWrite({ ...input, current, repairsDrift: false });
    assert.ok(plan.kind === 'write');
    const address = plan.write.changes.find(({ after }) => after?.type === 'A');
    assert.deepEqual([address?.before?.ttlSeconds, address?.after?.ttlSeconds], [300, 20]);
  });

  test('foreign values stay unless the configuration asks', () => {
    assert.equal(planDnsWrite({ ...input, current: foreign, repairsDrift: false }).kind, 'drift');
    const plan = planDnsWrite({ ...input, current: foreign, repairsDrift: true });
    assert.ok(plan.kind === 'write');
    const address = plan.write.changes.find(({ after }) => after?.type === 'A');
    assert.deepEqual([address?.before?.values, address?.after?.values], [['203.0.113.9'], ['192.0.2.2']]);
  });

  test('a record without our TXT is never repaired', () => {
    const current = foreign.filter(({ type }) => type === 'A');
    assert.equal(planDnsWrite({ ...input, current, repairsDrift: true }).kind, 'drift');
  });
});
