// The record at a second provider follows the machine's wish with a state of its own: what happens at one provider neither stops nor
// hides the other, and nothing of an operation is the second's to change (S26, S27, S28).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DnsIntent } from '../../../src/failover/intent.ts';
import type { MachineEffect } from '../../../src/failover/machine-effect.ts';
import type { DnsOutcome } from '../../../src/failover/machine-event.ts';
import { asSecond, secondRecord } from '../../../src/failover/second-record.ts';
import type { MachineState } from '../../../src/failover/service-state.ts';
import { waitsFor } from '../../../src/failover/waits-for.ts';
import { activeState, at, dnsFailure, request, type StateChange, serviceRules } from './machine-fixture.ts';

const PLACE = 'far example.com.';
const TTL = { steadyMs: 60_000, suspectMs: 5_000, followsSuspicion: false };
const RULES = serviceRules({ writtenTo: 'near', second: { provider: 'far', place: PLACE, ttl: TTL } });
const NAMES_A: DnsIntent = { node: 'a', level: 'steady', epoch: 1, seq: 7 };

function withSecond(dns: Partial<MachineState['service']['dns']>, change: StateChange = {}): MachineState {
  const whole = { confirmed: null, pending: null, unconfirmed: [], seq: 7, ...dns };
  const seconds = { [PLACE]: { dns: whole, dnsProblem: null } };
  return activeState({ rules: RULES, ...change, service: { ...change.service, seconds } });
}

function writes(effects: readonly MachineEffect[]): readonly string[] {
  return effects.flatMap((effect) =>
    effect.kind === 'writeDns'
      ? [`${effect.isSecond === true ? 'second' : 'first'} ${effect.intent.node} ${effect.intent.seq}`]
      : [],
  );
}

function ended(state: MachineState, outcome: DnsOutcome, seq = 8): MachineState {
  return at(state, { kind: 'dns', seq, outcome, isSecond: true }).state;
}

const PENDING = withSecond({ confirmed: NAMES_A, pending: { ...NAMES_A, epoch: 1, seq: 8 }, seq: 8 });

describe('the second record', () => {
  test('a service that gains a second provider has its answer written there, and nothing at the first', () => {
    const { state, effects } = at(activeState({ rules: RULES }), { kind: 'tick' });
    assert.deepEqual(writes(effects), ['second a 2'], 'it counts on from the first one');
    assert.equal(secondRecord(state)?.dns.pending?.node, 'a');
    assert.deepEqual(writes(at(activeState(), { kind: 'tick' }).effects), [], 'without one nothing is written');
  });

  test('a failure is told with the name of its provider, and is no problem of the first', () => {
    const state = ended(PENDING, dnsFailure('none'));
    assert.equal(state.service.dnsProblem, null);
    assert.match(secondRecord(state)?.dnsProblem?.reason ?? '', /^provider far: the DNS write failed/);
    assert.deepEqual(
      state.service.alerts.map(({ id }) => id),
      ['second:dns.write-failed'],
    );
    assert.equal(state.local.dnsPause, null, 'the first one does not wait');
    assert.notEqual(asSecond(state)?.local.dnsPause ?? null, null);
    const healed = ended(
      { ...state, service: { ...state.service, seconds: PENDING.service.seconds ?? {} } },
      { kind: 'applied' },
    );
    assert.equal(secondRecord(healed)?.dnsProblem, null);
  });

  test('a problem of the first is told with its name too', () => {
    const state = activeState({
      rules: RULES,
      service: { dns: { confirmed: null, pending: NAMES_A, unconfirmed: [], seq: 7 } },
    });
    const told = at(state, { kind: 'dns', seq: 7, outcome: dnsFailure('none') }).state;
    assert.match(told.service.dnsProblem?.reason ?? '', /^provider near: /);
    assert.equal(secondRecord(told)?.dnsProblem, null);
  });

  test('an answer of the first says nothing of a write at the second with the same number', () => {
    const { state } = at(PENDING, { kind: 'dns', seq: 8, outcome: { kind: 'applied' } });
    assert.equal(secondRecord(state)?.dns.pending?.seq, 8);
  });

  test('the next term takes a write without a result for unknown, and writes above it', () => {
    const { view } = PENDING.local;
    const { state, effects } = at(PENDING, { kind: 'takeover', term: 2, view });
    assert.deepEqual(
      secondRecord(state)?.dns.unconfirmed.map(({ seq }) => seq),
      [8],
    );
    assert.deepEqual(writes(effects), ['second a 9']);
  });

  test('somebody above every write at the second: this controller resigns once', () => {
    const stale = { kind: 'stale', reason: 'seq 99 stands there' } as const;
    const first = at(PENDING, { kind: 'dns', seq: 8, outcome: stale, isSecond: true });
    assert.ok(first.effects.some(({ kind }) => kind === 'resign'));
    assert.equal(secondRecord(first.state)?.dnsProblem?.rule, 'S27.store-went-back');
    const again = at(first.state, { kind: 'takeover', term: 2, view: first.state.local.view }).state;
    const seq = secondRecord(again)?.dns.pending?.seq ?? 0;
    const second = at(again, { kind: 'dns', seq, outcome: stale, isSecond: true });
    assert.ok(!second.effects.some(({ kind }) => kind === 'resign'), 'then it is the store that is behind');
  });

  test('a look at the second finds another hand there, and only there', () => {
    const state = withSecond({ confirmed: NAMES_A });
    const found = { kind: 'drift', reason: 'A holds 203.0.113.9', isMendable: true } as const;
    const looked = at(state, { kind: 'dnsLook', seq: 7, found, isSecond: true }).state;
    assert.equal(looked.service.dnsProblem, null);
    assert.equal(secondRecord(looked)?.dnsProblem?.reason, 'provider far: A holds 203.0.113.9');
    const gone = at(looked, { kind: 'dnsLook', seq: 7, found: { kind: 'asWritten' }, isSecond: true }).state;
    assert.equal(secondRecord(gone)?.dnsProblem, null);
  });

  test('what a person was shown may be taken over at either', () => {
    const command = { kind: 'adoptRecord', shown: 'abc', reason: 'ours' } as const;
    const { state } = at(PENDING, { kind: 'request', id: 'r', version: 1, actor: 'ann', command });
    assert.equal(state.service.dns.takesOver, 'abc');
    assert.equal(secondRecord(state)?.dns.takesOver, 'abc');
  });

  test('a repair is of the record for which it was shown, and has a name that no other operation gets', () => {
    const state = withSecond({ confirmed: NAMES_A });
    const command = { kind: 'repairRecord', shown: 'abc', reason: 'a typo', isSecond: true } as const;
    const { state: asked, effects } = at(state, { kind: 'request', id: 'r', version: 1, actor: 'ann', command });
    assert.deepEqual(writes(effects), ['second a 8']);
    assert.equal(asked.service.step, state.service.step + 1);
    const done = at(asked, { kind: 'dns', seq: 8, outcome: { kind: 'applied' }, isSecond: true });
    assert.deepEqual(
      done.history.map(({ op, outcome }) => [op.kind, outcome]),
      [['mend', 'done']],
    );
    const one = at(activeState(), { kind: 'request', id: 'r', version: 1, actor: 'ann', command });
    assert.ok(one.effects.some((effect) => effect.kind === 'reply' && effect.reply.kind === 'refused'));
  });

  test('a planned move is held while the second could not follow it, a failover is not (S27)', () => {
    const failing = ended(PENDING, dnsFailure('none'));
    const command = { kind: 'switchover', from: null, to: 'b', reason: 'planned' } as const;
    const { effects } = at(failing, { kind: 'request', id: 'r', version: 1, actor: 'ann', command });
    const [reply] = effects.flatMap((effect) => (effect.kind === 'reply' ? [effect.reply] : []));
    assert.equal(reply?.kind === 'refused' && reply.refusal.rule, 'dns.write-failed');
    assert.match(reply?.kind === 'refused' ? reply.refusal.reason : '', /provider far/);
  });

  test('a planned move waits for the long TTL of the second to expire, also where the first has nothing to lower', () => {
    const flat = { ...serviceRules().ttl, steadyMs: 5_000, suspectMs: 5_000 };
    const rules = serviceRules({ writtenTo: 'near', second: { provider: 'far', place: PLACE, ttl: TTL }, ttl: flat });
    const move = { kind: 'switchover', from: null, to: 'b', reason: 'planned' } as const;
    const asked = (state: MachineState) => at(state, request(move)).state;
    const lowered = (state: MachineState) => asked(state).op?.phase;
    const waiting = asked(withSecond({ confirmed: NAMES_A }, { rules }));
    assert.ok(waiting.op?.phase === 'TTL_LOWER');
    assert.equal(waitsFor(waiting.op), 'the old TTL of 1m to expire in resolvers');
    const low = ended(waiting, { kind: 'applied' });
    assert.equal(secondRecord(low)?.dns.confirmed?.level, 'suspect');
    assert.equal(at(low, { kind: 'tick' }, 100_000 + TTL.steadyMs - 1).state.op?.phase, 'TTL_LOWER');
    assert.notEqual(at(low, { kind: 'tick' }, 110_000 + TTL.steadyMs).state.op?.phase, 'TTL_LOWER');
    const short = { ...TTL, steadyMs: TTL.suspectMs };
    const bothFlat = { ...rules, second: { provider: 'far', place: PLACE, ttl: short } };
    assert.notEqual(lowered(withSecond({ confirmed: NAMES_A }, { rules: bothFlat })), 'TTL_LOWER');
    const elsewhere = withSecond({ confirmed: { ...NAMES_A, node: 'b' } }, { rules });
    assert.notEqual(lowered(elsewhere), 'TTL_LOWER', 'what it holds of another node is not waited for');
  });

  test('a place that is not followed any more keeps what is known of it', () => {
    const { rules, ...rest } = PENDING;
    const { second, writtenTo, ...one } = rules;
    const state = { ...rest, rules: one };
    assert.equal(secondRecord(state), null);
    const next = at(state, { kind: 'tick' }).state;
    assert.deepEqual(next.service.seconds, PENDING.service.seconds);
    assert.deepEqual([second?.place, writtenTo], [PLACE, 'near']);
  });
});
