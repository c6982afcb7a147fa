// From the machine's wish to the guarded write: what is written, when nothing is, and that a resumed write is the same.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Rrset } from '../../../src/dns/rrset.ts';
import type { DnsIntent } from '../../../src/failover/intent.ts';
import { formatOwnership } from '../../../src/plan/ownership.ts';
import { type PlanDnsWriteInput, planDnsWrite } from '../../../src/plan/plan-dns-write.ts';

const NAME = 'app.example.com.';
const INTENT: DnsIntent = { node: 'b', level: 'suspect', epoch: 2, seq: 3 };
const CONFIRMED: DnsIntent = { node: 'a', level: 'steady', epoch: 1, seq: 2 };

function text({ epoch, seq }: DnsIntent, generation = 1): string {
  return formatOwnership({ cluster: 'prod', service: 'app', generation, epoch, seq });
}

function held(owner: DnsIntent | null, values = ['192.0.2.1']): readonly Rrset[] {
  const address: Rrset = { name: NAME, type: 'A', ttlSeconds: 20, values };
  if (owner === null) return [address];
  return [address, { name: `_oneup.${NAME}`, type: 'TXT', ttlSeconds: 20, values: [text(owner)] }];
}

function plan(patch: Partial<PlanDnsWriteInput>) {
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
    intent: INTENT,
    confirmed: CONFIRMED,
    unconfirmed: [],
    current: held(CONFIRMED),
    adoptsRecord: false,
    repairsDrift: false,
    ...patch,
  });
}

describe('planDnsWrite', () => {
  test('replaces address, TTL and ownership in one write that names what it replaces', () => {
    const result = plan({});
    assert.ok(result.kind === 'write');
    const { write } = result;
    assert.equal(write.ownershipBefore, text(CONFIRMED));
    assert.equal(write.ownershipAfter, text(INTENT));
    assert.deepEqual(
      write.changes.map(({ after }) => after),
      [
        { name: `_oneup.${NAME}`, type: 'TXT', ttlSeconds: 5, values: [text(INTENT)] },
        { name: NAME, type: 'A', ttlSeconds: 5, values: ['192.0.2.2'] },
      ],
    );
    assert.deepEqual(
      write.changes.map(({ before }) => before),
      [held(CONFIRMED)[1], held(CONFIRMED)[0]],
    );
  });

  test('is plain frozen JSON and the same for the same input', () => {
    const [first, second] = [plan({}), plan({})];
    assert.ok(first.kind === 'write' && Object.isFrozen(first.write.changes[0]));
    assert.deepEqual(JSON.parse(JSON.stringify(first)), second);
  });

  const levels = { steady: 20, suspect: 5, settling: 10 } as const;
  for (const [level, ttlSeconds] of Object.entries(levels)) {
    test(`the level ${level} publishes its TTL`, () => {
      const result = plan({ intent: { ...INTENT, level: level as keyof typeof levels } });
      assert.ok(result.kind === 'write');
      assert.deepEqual(
        result.write.changes.map(({ after }) => after?.ttlSeconds),
        [ttlSeconds, ttlSeconds],
      );
    });
  }

  test('the first write of a name needs nothing to be there', () => {
    const result = plan({ confirmed: null, current: [] });
    assert.ok(result.kind === 'write');
    assert.equal(result.write.ownershipBefore, null);
    assert.deepEqual(
      result.write.changes.map(({ before }) => before),
      [null, null],
    );
  });

  test('a write that is in force already is done', () => {
    assert.deepEqual(plan({ current: held(INTENT, ['192.0.2.2']) }), { kind: 'done' });
  });

  test('a write above an unconfirmed one of ours names that one', () => {
    const other: DnsIntent = { node: 'b', level: 'steady', epoch: 2, seq: 2 };
    const result = plan({ unconfirmed: [other], current: held(other, ['192.0.2.2']) });
    assert.ok(result.kind === 'write');
    assert.equal(result.write.ownershipBefore, text(other));
  });

  test('a TXT above ours makes the controller stale', () => {
    assert.equal(plan({ current: held({ ...INTENT, seq: 4 }) }).kind, 'stale');
  });

  test('foreign values are drift, even under our own ownership', () => {
    assert.equal(plan({ current: held(CONFIRMED, ['198.51.100.9']) }).kind, 'drift');
    assert.equal(plan({ current: held(INTENT, ['198.51.100.9']) }).kind, 'drift');
  });

  test('an existing record is taken over only when a person agreed, and only with addresses of nodes', () => {
    const fresh = { confirmed: null, current: held(null) };
    const refused = plan(fresh);
    assert.ok(refused.kind === 'drift');
    assert.match(refused.refusal.remedy, /oneup adopt app --record/);
    const adopted = plan({ ...fresh, adoptsRecord: true });
    assert.ok(adopted.kind === 'write');
    assert.deepEqual(adopted.write.changes[1]?.before, held(null)[0]);
    assert.equal(plan({ confirmed: null, current: held(null, ['198.51.100.9']), adoptsRecord: true }).kind, 'drift');
  });

  test('a node that left the configuration is not published', () => {
    const result = plan({ intent: { ...INTENT, node: 'gone' } });
    assert.ok(result.kind === 'drift');
    assert.equal(result.refusal.rule, 'node.unknown');
  });
});
