// Who answers anew: comparisons of every type, and whom the laggards name.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DnsLook, type ServerReport, summariseReport } from '../../../src/failover/propagation-report.ts';
import {
  type DnsSubject,
  describeLook,
  dnsSubject,
  judgeAnswer,
  lateResolvers,
  lateServers,
  type SubjectInput,
} from '../../../src/plan/judge-propagation.ts';

const NAME = 'web.example.com.';
const NEW: DnsLook = { kind: 'new', values: ['192.0.2.2'], ttlSeconds: 5 };
const OLD: DnsLook = { kind: 'old', values: ['192.0.2.1'], ttlSeconds: 17 };
const HIDDEN: DnsLook = { kind: 'hidden', values: ['203.0.113.9'], ttlSeconds: 300 };
const SILENT: DnsLook = { kind: 'silent', reason: 'no answer before the deadline' };
const NO_WAY: DnsLook = { kind: 'unreachable', reason: 'ENETUNREACH' };

function server(at: string, udp: DnsLook, tcp: DnsLook, name = 'ns1.example.net.'): ServerReport {
  return { server: name, at, udp, tcp, serial: 1, newAfterMs: null };
}

const NODES = [
  { id: 'a', address: '192.0.2.1' },
  { id: 'b', address: '192.0.2.2' },
];
const NAMED = [
  { id: 'a', address: 'a.example.net', publishes: { kind: 'name', target: 'a.example.net.' } },
  { id: 'b', address: 'b.example.net', publishes: { kind: 'name', target: 'b.example.net.' } },
] as const;
const WRITE = { node: 'b', level: 'steady', epoch: 2, seq: 4 } as const;
const BOTH = [
  { node: 'a', weight: 1 },
  { node: 'b', weight: 1 },
];

function subject(change: Partial<SubjectInput>): DnsSubject {
  const found = dnsSubject({ name: NAME, sorry: null, nodes: NODES, write: WRITE, mayHide: false, ...change });
  assert.ok(found !== null);
  return found;
}

const ALIAS = { hostedZoneId: 'Z1', dnsName: 'lb.example.net.', evaluateTargetHealth: false } as const;
const ALIASES = [
  { id: 'b', address: 'lb.example.net', publishes: { kind: 'alias', target: ALIAS, types: ['A'] } },
] as const;
const EVEN = { write: { ...WRITE, node: null, answers: BOTH } };
const WEIGHTED = { write: { ...WRITE, node: null, answers: BOTH.map((each, at) => ({ ...each, weight: at + 1 })) } };

describe('judgeAnswer', () => {
  for (const [what, change, answered, expected] of [
    ['the node that is named', {}, ['192.0.2.2'], 'new'],
    ['the other node', {}, ['192.0.2.1'], 'old'],
    ['both', {}, ['192.0.2.1', '192.0.2.2'], 'old'],
    ['nothing', {}, [], 'old'],
    ['a stranger', {}, ['203.0.113.9'], 'old'],
    ['a set in another order', EVEN, ['192.0.2.2', '192.0.2.1'], 'new'],
    ['half of a set', EVEN, ['192.0.2.2'], 'old'],
    ['half of a weighted set', WEIGHTED, ['192.0.2.2'], 'new'],
    ['a weighted set and a stranger', WEIGHTED, ['192.0.2.2', '203.0.113.9'], 'old'],
    ['a CNAME in other letters', { nodes: NAMED }, ['B.Example.NET'], 'new'],
    ['the CNAME of the other node', { nodes: NAMED }, ['a.example.net'], 'old'],
    ['whatever the target of an alias has', { nodes: ALIASES }, ['203.0.113.9'], 'new'],
    ['an alias without an address', { nodes: ALIASES }, [], 'old'],
    ['addresses of a proxy', { mayHide: true }, ['203.0.113.9'], 'hidden'],
    ['the old address where a proxy may stand', { mayHide: true }, ['192.0.2.1'], 'old'],
    ['nothing where a proxy may stand', { mayHide: true }, [], 'old'],
    ['no CNAME where a proxy may stand', { mayHide: true, nodes: NAMED }, [], 'hidden'],
    ['the address that says sorry', { sorry: '192.0.2.9', write: { ...WRITE, node: null } }, ['192.0.2.9'], 'new'],
  ] as const)
    test(`${what}: ${expected}`, () => assert.equal(judgeAnswer(subject(change), answered), expected));

  test('the type follows from what is published', () => {
    assert.equal(subject({}).type, 'A');
    assert.equal(subject({ nodes: [{ id: 'b', address: '2001:db8::1' }] }).type, 'AAAA');
    assert.equal(subject({ nodes: NAMED }).type, 'CNAME');
  });

  test('without a write, or with a node that is gone, there is nothing to ask for', () => {
    const input = { name: NAME, sorry: null, nodes: NODES, write: null, mayHide: false };
    assert.equal(dnsSubject(input), null);
    assert.equal(dnsSubject({ ...input, write: { ...WRITE, node: 'c' } }), null);
    assert.equal(dnsSubject({ ...input, write: { ...WRITE, node: null } }), null);
  });
});

describe('laggards', () => {
  for (const [what, udp, tcp, isLate] of [
    ['new on both ways', NEW, NEW, false],
    ['new by UDP, and nobody listens on TCP', NEW, SILENT, false],
    ['hidden behind a proxy', HIDDEN, HIDDEN, false],
    ['new by UDP and old by TCP', NEW, OLD, true],
    ['old on both', OLD, OLD, true],
    ['silent', SILENT, SILENT, true],
    ['the only address, and no way there', NO_WAY, NO_WAY, true],
  ] as const)
    test(`${what}: ${isLate ? 'late' : 'not late'}`, () => {
      const expected = isLate ? ['ns1.example.net. at 192.0.2.53:53'] : [];
      assert.deepEqual(lateServers([server('192.0.2.53:53', udp, tcp)]), expected);
    });

  test('no way to one address of a server that answers anew at another says nothing', () => {
    const at = [server('192.0.2.53:53', NEW, NEW), server('[2001:db8::53]:53', NO_WAY, NO_WAY)];
    assert.deepEqual(lateServers(at), []);
    const other = [...at, server('[2001:db8::54]:53', NO_WAY, NO_WAY, 'ns2.example.net.')];
    assert.deepEqual(lateServers(other), ['ns2.example.net. at [2001:db8::54]:53']);
  });

  test('a server of which only the address is known is named once', () => {
    assert.deepEqual(lateServers([server('127.0.0.1:5300', OLD, OLD, '127.0.0.1:5300')]), ['127.0.0.1:5300']);
  });

  test('a resolver is late when it shows the old answer, not when it shows none', () => {
    const resolver = (at: string, look: DnsLook) => ({ at, look, newAfterMs: null });
    const all = [resolver('a:53', NEW), resolver('b:53', OLD), resolver('c:53', SILENT)];
    assert.deepEqual(lateResolvers(all), ['resolver b:53']);
  });

  test('a look in words', () => {
    assert.equal(describeLook(OLD), '192.0.2.1 (TTL 17 s)');
    assert.equal(describeLook({ kind: 'old', values: [], ttlSeconds: null }), 'nothing');
    assert.equal(describeLook(SILENT), 'silent: no answer before the deadline');
  });
});

describe('the report in a line', () => {
  test('counts who answered anew, and how long the last one took', () => {
    const servers = [
      { ...server('a:53', NEW, NEW), newAfterMs: 40 },
      { ...server('b:53', NEW, NEW), newAfterMs: 900 },
      server('c:53', OLD, OLD),
    ];
    const resolvers = [{ at: 'r:53', look: OLD, newAfterMs: null }];
    const report = { name: NAME, type: 'A', values: [], provider: 'insync', servers, resolvers, laggards: [] } as const;
    assert.deepEqual(summariseReport(report, 5), {
      ...{ atWallMs: 5, provider: 'insync', servers: 3, serversNew: 2, resolvers: 1, resolversNew: 0, slowestMs: 900 },
    });
    assert.equal(summariseReport({ ...report, servers: [] }, 5).slowestMs, null);
  });
});
