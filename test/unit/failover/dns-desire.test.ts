// What DNS should say in each state, when it is written, and what becomes of a write that ended in each possible way.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DnsIntent } from '../../../src/failover/intent.ts';
import type { DnsOutcome } from '../../../src/failover/machine-event.ts';
import type { MachineState } from '../../../src/failover/service-state.ts';
import {
  activeState,
  at,
  down,
  failedMark,
  nodeRules,
  request,
  type StateChange,
  serviceRules,
  viewOf,
} from './machine-fixture.ts';

const CONFIRMED: DnsIntent = { node: 'a', level: 'steady', epoch: 1, seq: 1 };
const WORK = { reason: 'disk', actor: 'ann', sinceWallMs: 0, expiresAfterMs: 3_600_000 };
const MOVE = request({ kind: 'switchover', from: null, to: null, reason: 'x' });

function writeOf(state: MachineState, event: Parameters<typeof at>[1] = { kind: 'tick' }): DnsIntent | null {
  const writes = at(state, event).effects.flatMap((effect) => (effect.kind === 'writeDns' ? [effect.intent] : []));
  assert.ok(writes.length <= 1, 'one write at a time');
  return writes[0] ?? null;
}

function dns(change: Partial<MachineState['service']['dns']>): StateChange {
  return { service: { dns: { confirmed: CONFIRMED, pending: null, unconfirmed: [], seq: 1, ...change } } };
}

describe('the wish', () => {
  const suspected = viewOf({ a: 'up', b: 'down' }, { suspected: ['a'] });
  const TABLE: readonly [name: string, state: MachineState, expected: Partial<DnsIntent> | null][] = [
    ['what is confirmed already is not written again', activeState(), null],
    ['a suspicion shortens the TTL', activeState({ local: { view: suspected } }), { node: 'a', level: 'suspect' }],
    [
      'a fresh cutover keeps it short until stable',
      activeState({ service: { settling: true } }),
      { level: 'settling' },
    ],
    [
      'an unassigned service keeps the last answer',
      activeState({ service: { active: null }, grant: null }),
      { node: 'a', epoch: 1, level: 'suspect' },
    ],
    [
      'a service that never had an active has no answer to give',
      activeState({ service: { active: null, dns: { confirmed: null, pending: null, unconfirmed: [], seq: 0 } } }),
      null,
    ],
    ['nothing is written in maintenance', activeState({ service: { maintenance: WORK, settling: true } }), null],
    [
      'a grant to the same node is written anew, so that older controllers are refused',
      activeState({ grant: { node: 'a', epoch: 2, revoked: false }, service: { epoch: 2 } }),
      { node: 'a', epoch: 2, level: 'steady' },
    ],
  ];
  for (const [name, state, expected] of TABLE) {
    test(name, () => {
      const write = writeOf(state);
      if (expected === null) assert.equal(write, null);
      else assert.deepEqual({ ...write, ...expected }, write);
    });
  }

  test('rejoin does not shorten the TTL, a move does', () => {
    const failed = activeState({ service: { failed: { b: failedMark('x', 'fenced') } } });
    assert.equal(writeOf(failed, request({ kind: 'rejoin', node: 'b', reason: 'x' })), null);
    assert.equal(writeOf(activeState(), MOVE)?.level, 'suspect');
  });

  test('a node that is only granted and not verified is never named', () => {
    const idle = activeState({ service: { active: null }, breadcrumbs: { a: down(), b: down(2) }, grant: null });
    const calm = { ...idle, local: { ...idle.local, view: viewOf({ a: 'down', b: 'down' }) } };
    const { state, effects } = at(calm, request({ kind: 'switchover', from: null, to: 'b', reason: 'x' }));
    assert.equal(state.grant?.node, 'b');
    const named = effects.flatMap((effect) => (effect.kind === 'writeDns' ? [effect.intent.node] : []));
    assert.deepEqual(named, ['a']);
  });

  test('while what may run twice moves, the serving node keeps the epoch of its own grant', () => {
    const twice = activeState({
      rules: serviceRules({ exclusive: false, nodes: [nodeRules('a'), nodeRules('b')] }),
      local: { view: viewOf({ a: 'up', b: 'up' }) },
    });
    const { state, effects } = at(twice, MOVE);
    assert.equal(state.grant?.node, 'b');
    const [write] = effects.flatMap((effect) => (effect.kind === 'writeDns' ? [effect.intent] : []));
    assert.deepEqual([write?.node, write?.epoch], ['a', 1]);
  });
});

describe('the outcome of a write', () => {
  const PENDING: DnsIntent = { node: 'a', level: 'settling', epoch: 1, seq: 2 };
  const waiting = activeState({
    service: { settling: true, dns: { confirmed: CONFIRMED, pending: PENDING, unconfirmed: [], seq: 2 } },
  });

  function end(outcome: DnsOutcome, seq = 2): ReturnType<typeof at> {
    return at(waiting, { kind: 'dns', seq, outcome });
  }

  test('applied: confirmed, nothing is left to do', () => {
    const { state, effects } = end({ kind: 'applied' });
    assert.deepEqual(state.service.dns, { confirmed: PENDING, pending: null, unconfirmed: [], seq: 2 });
    assert.deepEqual(effects, []);
  });

  test('failed and surely not applied: tried again after the pause under a higher seq', () => {
    const { state, effects } = end({ kind: 'failed', applied: 'none', reason: 'throttled' });
    assert.deepEqual([state.service.dns.pending, state.service.dns.unconfirmed], [null, []]);
    assert.deepEqual(
      effects.map(({ kind }) => kind),
      ['alert'],
    );
    assert.equal(at(state, { kind: 'tick' }, 101_999).effects.length, 0);
    const again = at(state, { kind: 'tick' }, 102_000);
    assert.equal(again.state.service.dns.pending?.seq, 3);
  });

  test('failed with unknown outcome: remembered, and the next write is told of it', () => {
    const { state } = end({ kind: 'failed', applied: 'unknown', reason: 'timeout' });
    assert.deepEqual(state.service.dns.unconfirmed, [PENDING]);
    const [write] = at(state, { kind: 'tick' }, 102_000).effects.flatMap((effect) =>
      effect.kind === 'writeDns' ? [effect] : [],
    );
    assert.deepEqual([write?.intent.seq, write?.unconfirmed], [3, [PENDING]]);
  });

  test('a later write that succeeds settles the unknown ones', () => {
    const unsettled = activeState(dns({ unconfirmed: [PENDING], seq: 2 }));
    const writing = at(unsettled, { kind: 'tick' });
    assert.equal(writing.state.service.dns.pending?.seq, 3);
    const settled = at(writing.state, { kind: 'dns', seq: 3, outcome: { kind: 'applied' } });
    assert.deepEqual([settled.state.service.dns.unconfirmed, settled.state.service.dns.confirmed?.seq], [[], 3]);
  });

  test('no more than 16 unknown writes are remembered, the newest', () => {
    const unconfirmed = Array.from({ length: 16 }, (_, seq) => ({ ...PENDING, seq: seq + 1 }));
    const state = activeState(dns({ pending: { ...PENDING, seq: 17 }, unconfirmed, seq: 17 }));
    const ended = at(state, { kind: 'dns', seq: 17, outcome: { kind: 'failed', applied: 'unknown', reason: 'x' } });
    const left = ended.state.service.dns.unconfirmed.map(({ seq }) => seq);
    assert.deepEqual([left.length, left[0], left.at(-1)], [16, 2, 17]);
  });

  test('drift: blocked with a remedy, and looked at again and again with a growing pause', () => {
    const { state } = end({ kind: 'drift', reason: '192.0.2.99 is not ours' });
    assert.equal(state.service.dnsProblem?.rule, 'S27.dns-drift');
    assert.equal(writeOf(state), null, 'not at once');
    const later = at(state, { kind: 'tick' }, 200_000).state;
    const again = later.service.dns.pending;
    assert.notEqual(again, null);
    const outcome: DnsOutcome = { kind: 'drift', reason: 'still not ours' };
    const second = at(later, { kind: 'dns', seq: again?.seq ?? 0, outcome }, 200_000).state;
    const pauseMs = second.local.dnsRetryAtMonoMs - 200_000;
    assert.ok(pauseMs > state.rules.retryMs, `the second pause is longer than the first, it was ${pauseMs}`);
  });

  test('stale: the controller resigns; if its successor finds the same, the store is behind and a person is asked', () => {
    const stale: DnsOutcome = { kind: 'stale', reason: 'the TXT is above' };
    const first = end(stale);
    assert.equal(first.effects.filter(({ kind }) => kind === 'resign').length, 1);
    const next = at(first.state, { kind: 'takeover', term: 2, view: viewOf({ a: 'up', b: 'down' }) });
    const seq = next.state.service.dns.pending?.seq ?? 0;
    assert.ok(seq > 2);
    const second = at(next.state, { kind: 'dns', seq, outcome: stale });
    assert.equal(second.effects.filter(({ kind }) => kind === 'resign').length, 0);
    assert.equal(second.state.service.dnsProblem?.rule, 'S27.store-went-back');
  });

  test('an answer to another write than the pending one means nothing', () => {
    for (const seq of [1, 3]) assert.deepEqual(end({ kind: 'applied' }, seq).state.service.dns, waiting.service.dns);
  });
});
