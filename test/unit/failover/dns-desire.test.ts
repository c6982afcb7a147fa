// What DNS should say in each state, when it is written, and what becomes of a write that ended in each possible way.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DnsIntent } from '../../../src/failover/intent.ts';
import type { DnsOutcome } from '../../../src/failover/machine-event.ts';
import type { MachineState } from '../../../src/failover/service-state.ts';
import {
  activeState,
  at,
  dnsFailure,
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

  test('applied at a provider of others: its name for the change is kept as long as that is the write in force', () => {
    const { state } = end({ kind: 'applied', changeId: 'C1' });
    assert.equal(state.service.dns.changeId, 'C1');
    const again = {
      ...state,
      service: { ...state.service, dns: { ...state.service.dns, pending: { ...PENDING, seq: 3 } } },
    };
    const { service } = at(again, { kind: 'dns', seq: 3, outcome: { kind: 'applied' } }).state;
    assert.equal('changeId' in service.dns, false);
  });

  test('failed and surely not applied: tried again after the pause under a higher seq', () => {
    const { state, effects } = end(dnsFailure('none'));
    assert.deepEqual([state.service.dns.pending, state.service.dns.unconfirmed], [null, []]);
    assert.deepEqual(
      effects.map(({ kind }) => kind),
      ['alert'],
    );
    assert.equal(at(state, { kind: 'tick' }, 101_999).effects.length, 0);
    const again = at(state, { kind: 'tick' }, 102_000);
    assert.equal(again.state.service.dns.pending?.seq, 3);
  });

  const PAUSES: readonly [name: string, change: Parameters<typeof dnsFailure>[1], pauseMs: number][] = [
    ['what is not said is 2 s at first', {}, 2_000],
    ['up to half of it is drawn, so that services spread out', { jitter: 0.5 }, 1_500],
    [
      'what the provider asks is waited, and a little more where it was drawn',
      { retryAfterMs: 300_000, jitter: 0.5 },
      301_000,
    ],
    ['a short Retry-After does not shorten the own pause', { retryAfterMs: 1 }, 2_000],
    ['a Retry-After without end is no end of trying', { retryAfterMs: 1e12 }, 600_000],
    ['what a person must mend is tried seldom', { isRetryable: false }, 120_000],
  ];
  for (const [name, change, pauseMs] of PAUSES) {
    test(`the pause after a failure: ${name}`, () => {
      const { state } = end(dnsFailure('none', change));
      assert.equal(state.local.dnsPause?.untilMonoMs, 100_000 + pauseMs);
    });
  }

  test('the code and its remedy are what a person is told', () => {
    const { state, effects } = end(dnsFailure('none', { code: 'ONEUP_PROVIDER_DENIED', isRetryable: false }));
    const problem = state.service.dnsProblem;
    assert.equal(problem?.rule, 'dns.write-failed');
    assert.match(problem.reason, /\(ONEUP_PROVIDER_DENIED\)$/);
    assert.match(problem.remedy, /^Compare the credentials/);
    const [alert] = effects.flatMap((effect) => (effect.kind === 'alert' ? [effect.alert] : []));
    assert.deepEqual([alert?.state, alert?.refusal], ['open', problem], 'told at once');
  });

  test('deferred: nothing is wrong and nobody is told, it is written when the budget allows', () => {
    const { state, effects } = end({ kind: 'deferred', retryAfterMs: 7_000, reason: 'kept for failovers' });
    assert.deepEqual([state.service.dns.pending, state.service.dnsProblem, effects], [null, null, []]);
    assert.equal(at(state, { kind: 'tick' }, 106_999).effects.length, 0);
    assert.equal(writeOf(at(state, { kind: 'tick' }, 107_000).state), null, 'it is under way');
    assert.equal(at(state, { kind: 'tick' }, 107_000).state.service.dns.pending?.seq, 3);
  });

  test('failed with unknown outcome: remembered, and the next write is told of it', () => {
    const { state } = end(dnsFailure('unknown'));
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

  test('no more than 256 unknown writes are remembered: the newest, and the one whose TXT is there', () => {
    const unconfirmed = Array.from({ length: 256 }, (_, seq) => ({ ...PENDING, seq: seq + 1 }));
    const state = activeState(dns({ pending: { ...PENDING, seq: 257 }, unconfirmed, seq: 257 }));
    const ended = at(state, { kind: 'dns', seq: 257, outcome: dnsFailure('unknown') });
    const left = ended.state.service.dns.unconfirmed.map(({ seq }) => seq);
    assert.deepEqual([left.length, left[0], left.at(-1)], [256, 2, 257]);
    const found = at(state, { kind: 'dns', seq: 257, outcome: { ...dnsFailure('unknown'), foundSeq: 1 } }).state;
    const kept = found.service.dns.unconfirmed.map(({ seq }) => seq);
    assert.deepEqual([kept.length, kept[0], kept.includes(1)], [256, 3, true]);
    const again = {
      ...found,
      service: { ...found.service, dns: { ...found.service.dns, pending: { ...PENDING, seq: 258 } } },
    };
    const taken = at(again, { kind: 'takeover', term: 2, view: found.local.view }).state.service.dns.unconfirmed;
    assert.deepEqual([taken.length, taken.some(({ seq }) => seq === 1)], [256, true], 'a new term does not forget it');
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
    const pauseMs = (second.local.dnsPause?.untilMonoMs ?? 0) - 200_000;
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
