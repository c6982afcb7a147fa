// A planned move does not begin where DNS would not follow it; what has died, or goes to where DNS points already, waits for nobody (S27).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cannotBeNamed, dnsHold } from '../../../src/failover/dns-hold.ts';
import type { Phase } from '../../../src/failover/operation.ts';
import type { RuleId } from '../../../src/failover/refusal.ts';
import type { MachineState } from '../../../src/failover/service-state.ts';
import { activeState, at, request, viewOf } from './machine-fixture.ts';

const ON_B = { a: 'down', b: 'up' } as const;

function held(rule: RuleId, looks: Parameters<typeof viewOf>[0] = { a: 'up', b: 'down' }): MachineState {
  const dnsProblem = { rule, reason: 'somebody else was there', remedy: 'look' };
  return activeState({ service: { dnsProblem }, local: { view: viewOf(looks) } });
}

/** A switchover to b that began before DNS was in trouble, in this phase. */
function moving(rule: RuleId, phase: Phase, overrides: readonly RuleId[] = []): Parameters<typeof cannotBeNamed> {
  const { op } = at(activeState(), request({ kind: 'switchover', from: null, to: 'b', reason: 'test' })).state;
  assert.ok(op !== null);
  return [held(rule), { ...op, phase, overrides, pastReturn: false }];
}

describe('dnsHold', () => {
  test('tells the problem of DNS while the active node is well', () => {
    assert.equal(dnsHold(held('S27.dns-drift'), { from: 'a', to: 'b' })?.rule, 'S27.dns-drift');
    assert.equal(dnsHold(activeState(), { from: 'a', to: 'b' }), null);
  });

  test('holds nothing when the active node has died, or none is active', () => {
    assert.equal(dnsHold(held('S27.dns-drift', { a: 'gone', b: 'down' }), { from: 'a', to: 'b' }), null);
    assert.equal(dnsHold(held('S27.dns-drift'), { from: null, to: 'b' }), null);
  });

  test('a write that failed holds no move to the node that DNS names still; a foreign record does', () => {
    assert.equal(dnsHold(held('dns.write-failed', ON_B), { from: 'b', to: 'a' }), null);
    assert.equal(dnsHold(held('dns.write-failed'), { from: 'a', to: 'b' })?.rule, 'dns.write-failed');
    assert.equal(dnsHold(held('S27.dns-drift', ON_B), { from: 'b', to: 'a' })?.rule, 'S27.dns-drift');
  });
});

describe('cannotBeNamed', () => {
  test('speaks before anything is stopped, unless a person has set the rule aside', () => {
    for (const phase of ['PRECHECK', 'STOP_OLD'] as const) {
      assert.match(cannotBeNamed(...moving('S27.dns-drift', phase))?.reason ?? '', /^DNS would not follow the move: /);
      assert.equal(cannotBeNamed(...moving('S27.dns-drift', phase, ['S27.dns-drift'])), null);
    }
  });

  test('a write that failed is given the time of TTL_LOWER', () => {
    assert.equal(cannotBeNamed(...moving('dns.write-failed', 'PRECHECK')), null);
    assert.equal(cannotBeNamed(...moving('dns.write-failed', 'STOP_OLD'))?.rule, 'dns.write-failed');
  });

  test('after the first stop nothing is held any more', () => {
    const [state, op] = moving('S27.dns-drift', 'STOP_OLD');
    assert.equal(cannotBeNamed(state, { ...op, pastReturn: true }), null);
  });
});

describe('a write that failed and is not wanted any more', () => {
  const failed = held('dns.write-failed');
  const wishes = (state: MachineState) =>
    at(state, { kind: 'tick' }).effects.flatMap((effect) => (effect.kind === 'writeDns' ? [effect.intent] : []));

  test('does not hold planned moves for ever: what is in force is written again until that goes through', () => {
    assert.deepEqual(wishes(failed), [{ node: 'a', level: 'steady', epoch: 1, seq: 2 }]);
    const { state } = at(failed, { kind: 'tick' });
    const healed = at(state, { kind: 'dns', seq: 2, outcome: { kind: 'applied' } }).state;
    assert.equal(dnsHold(healed, { from: 'a', to: 'b' }), null);
    assert.deepEqual(wishes(healed), [], 'and not once more');
  });

  test('waits for its pause like any other', () => {
    const { confirmed } = failed.service.dns;
    assert.ok(confirmed !== null);
    const dnsPause = { untilMonoMs: 100_001, wish: confirmed, why: 'no answer' };
    assert.deepEqual(wishes({ ...failed, local: { ...failed.local, dnsPause } }), []);
  });

  test('is no reason to name a node that is not active, or to write in a freeze (S28, S35)', () => {
    const confirmed = { node: 'a', level: 'suspect', epoch: 1, seq: 1 } as const;
    const kept = { ...failed.service, active: null, dns: { ...failed.service.dns, confirmed } };
    assert.deepEqual(wishes({ ...failed, grant: null, service: kept }), []);
    const frozen = { reason: 'audit', actor: 'ann', sinceWallMs: 0 };
    assert.deepEqual(wishes({ ...failed, service: { ...failed.service, frozen } }), []);
  });
});
