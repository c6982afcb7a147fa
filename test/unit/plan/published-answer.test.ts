// Nodes that are published by name or as an alias: what is written, what counts as ours, and how one kind takes the place of
// the other.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Rrset } from '../../../src/dns/rrset.ts';
import type { DnsIntent } from '../../../src/failover/intent.ts';
import { formatOwnership } from '../../../src/plan/ownership.ts';
import { planDnsWrite } from '../../../src/plan/plan-dns-write.ts';
import { answerRrsets, type PlacedNode } from '../../../src/plan/published-answer.ts';
import type { RrsetChange } from '../../../src/plan/rrset-change.ts';

const NAME = 'app.example.com.';
const INTENT: DnsIntent = { node: 'b', level: 'steady', epoch: 2, seq: 3 };
const CONFIRMED: DnsIntent = { node: 'a', level: 'steady', epoch: 1, seq: 2 };
const RECORD = {
  name: NAME,
  zone: 'example.com.',
  ttl: { steadySeconds: 60, suspectSeconds: 60, settlingSeconds: 60 },
  sorry: null,
};
const TARGETS: readonly PlacedNode[] = ['a', 'b'].map((id) => ({
  id,
  address: `${id}.lb.example.net`,
  publishes: { kind: 'name', target: `${id}.lb.example.net.` },
}));
const ALIASES: readonly PlacedNode[] = ['a', 'b'].map((id) => {
  const target = { hostedZoneId: 'Z2FDTNDATAQYW2', dnsName: `${id}.cdn.example.net.`, evaluateTargetHealth: false };
  return { id, address: `${id}.cdn.example.net`, publishes: { kind: 'alias', target, types: ['A', 'AAAA'] } };
});

function plan(nodes: readonly PlacedNode[], current: readonly Rrset[], sorry: string | null = null, intent = INTENT) {
  const txt = formatOwnership({ cluster: 'prod', service: 'app', generation: 1, epoch: 1, seq: 2 });
  return planDnsWrite({
    ...{ cluster: 'prod', generation: 1, service: 'app', record: { ...RECORD, sorry }, nodes, intent },
    ...{ confirmed: CONFIRMED, unconfirmed: [], adoptsRecord: false, repairsDrift: false },
    current: [...current, { name: `_oneup.${NAME}`, type: 'TXT', ttlSeconds: 60, values: [txt] }],
  });
}

function changesOf(result: ReturnType<typeof plan>): readonly RrsetChange[] {
  assert.equal(result.kind, 'write', JSON.stringify(result));
  return result.kind === 'write' ? result.write.changes.slice(1) : [];
}

const CNAME: Rrset = { name: NAME, type: 'CNAME', ttlSeconds: 60, values: ['a.lb.example.net.'] };
const ALIAS_A = answerRrsets(NAME, [ALIASES[0]?.publishes ?? assert.fail()], { ttlSeconds: 60 });

describe('published answers', () => {
  test('a node with a target is published as a CNAME', () => {
    const after: Rrset = { ...CNAME, values: ['b.lb.example.net.'] };
    assert.deepEqual(changesOf(plan(TARGETS, [CNAME])), [{ before: CNAME, after }]);
  });

  test('a server that says sorry is a target too', () => {
    const result = plan(TARGETS, [CNAME], 'sorry.example.net.', { ...INTENT, node: null });
    assert.deepEqual(changesOf(result)[0]?.after?.values, ['sorry.example.net.']);
  });

  test('a CNAME to what is no node is drift, whatever its case says', () => {
    assert.equal(plan(TARGETS, [{ ...CNAME, values: ['A.LB.Example.Net.'] }]).kind, 'write');
    assert.equal(plan(TARGETS, [{ ...CNAME, values: ['evil.example.net.'] }]).kind, 'drift');
  });

  test('a CNAME is not written beside what others have there (RFC 1034 section 3.6.2)', () => {
    const mail: Rrset = { name: NAME, type: 'MX', ttlSeconds: 60, values: ['10 mail.example.com.'] };
    const result = plan(TARGETS, [mail]);
    assert.ok(result.kind === 'drift');
    assert.match(result.refusal.reason, /holds MX records, which cannot stand beside it/);
  });

  test('an alias target is written for each of its types, without a TTL', () => {
    const changes = changesOf(plan(ALIASES, ALIAS_A));
    assert.deepEqual(
      changes.map(({ before, after }) => [
        before?.alias?.dnsName,
        after?.type,
        after?.alias?.dnsName,
        after?.ttlSeconds,
      ]),
      [
        ['a.cdn.example.net.', 'A', 'b.cdn.example.net.', 0],
        ['a.cdn.example.net.', 'AAAA', 'b.cdn.example.net.', 0],
      ],
    );
  });

  test('an alias to what is no node is drift', () => {
    const [alias] = ALIAS_A;
    assert.ok(alias?.alias !== undefined);
    const foreign = { ...alias, alias: { ...alias.alias, dnsName: 'evil.example.net.' } };
    assert.equal(plan(ALIASES, [foreign]).kind, 'drift');
  });

  test('a listed alias that looks at health by itself is replaced by one that does not', () => {
    const current = ALIAS_A.map(
      (rrset) => ({ ...rrset, alias: { ...rrset.alias, evaluateTargetHealth: true } }) as Rrset,
    );
    const [first] = changesOf(plan(ALIASES, current, null, { ...INTENT, node: 'a' }));
    assert.equal(first?.before?.alias?.evaluateTargetHealth, true);
    assert.equal(first?.after?.alias?.evaluateTargetHealth, false);
  });

  test('where a CNAME takes the place of an alias, the alias goes first in the same batch', () => {
    const mixed = [ALIASES[0] ?? assert.fail(), TARGETS[1] ?? assert.fail()];
    assert.deepEqual(
      changesOf(plan(mixed, ALIAS_A)).map(({ before, after }) => [before?.type ?? null, after?.type ?? null]),
      [
        ['A', null],
        ['AAAA', null],
        [null, 'CNAME'],
      ],
    );
  });

  test('several targets are no answer', () => {
    assert.throws(() =>
      answerRrsets(
        NAME,
        TARGETS.flatMap(({ publishes = assert.fail() }) => publishes),
        { ttlSeconds: 1 },
      ),
    );
  });
});
