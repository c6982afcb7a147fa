// A person has a record put right that somebody else changed: the next write does it, only over what was shown, never into an
// operation, and its end is in the history (S27, S28).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DnsOutcome } from '../../../src/failover/machine-event.ts';
import type { MachineState } from '../../../src/failover/service-state.ts';
import { activeState, at, replyTo, request, viewOf } from './machine-fixture.ts';

const REPAIR = { kind: 'repairRecord', shown: '0123456789ab', reason: 'a typo' } as const;
const CONFIRMED = { node: 'a', level: 'steady', epoch: 1, seq: 1 } as const;

function atRest(dns: Partial<MachineState['service']['dns']> = {}): MachineState {
  return activeState({ service: { dns: { confirmed: CONFIRMED, pending: null, unconfirmed: [], seq: 1, ...dns } } });
}

function ended(outcome: DnsOutcome) {
  const { state } = at(atRest(), request(REPAIR));
  return at(state, { kind: 'dns', seq: state.service.dns.pending?.seq ?? 0, outcome });
}

describe('the repair of a record', () => {
  test('is the next write, above the one in force, and leaves one line of history with who asked and why', () => {
    assert.equal(replyTo(atRest(), REPAIR), 'accepted');
    const { state, effects } = at(atRest(), request(REPAIR));
    const written = effects.flatMap((effect) => (effect.kind === 'writeDns' ? [effect.intent] : []));
    assert.deepEqual(written, [{ ...CONFIRMED, seq: 2 }]);
    assert.equal(state.service.dns.mends?.shown, REPAIR.shown);
    const { history, state: after } = ended({ kind: 'applied' });
    assert.deepEqual(
      history.map(({ op, outcome }) => [op.kind, op.reason, op.opId, outcome]),
      [['mend', 'a typo', state.service.dns.mends?.opId, 'done']],
    );
    assert.ok((history[0]?.op.actor ?? '') !== '');
    assert.equal('mends' in after.service.dns, false);
  });

  test('a record that is not what was shown any more is told as failed, and the word is gone', () => {
    const { history, state } = ended({ kind: 'drift', reason: 'it holds 198.51.100.9' });
    assert.deepEqual(
      history.map(({ op, outcome }) => [op.kind, outcome]),
      [['mend', 'failed']],
    );
    assert.equal('mends' in state.service.dns, false);
  });

  test('a provider that fails keeps it for the next try', () => {
    const code = 'ONEUP_PROVIDER_UNREACHABLE';
    const outcome = { kind: 'failed', applied: 'none', reason: 'away', code, isRetryable: true } as const;
    const { history, state } = ended({ ...outcome, retryAfterMs: null, jitter: 0 });
    assert.deepEqual(history, []);
    assert.equal(state.service.dns.mends?.shown, REPAIR.shown);
  });

  test('that found something else than was shown can be asked for again, over what is there now', () => {
    const { state } = ended({ kind: 'drift', reason: 'it holds 198.51.100.9' });
    const again = at(state, request({ ...REPAIR, shown: 'ba9876543210' }));
    assert.equal(again.state.service.dns.mends?.shown, 'ba9876543210');
    assert.deepEqual(
      again.effects.flatMap((effect) => (effect.kind === 'writeDns' ? [effect.intent] : [])),
      [{ ...CONFIRMED, seq: 3 }],
    );
    assert.deepEqual(again.state.service.dns.unconfirmed, [CONFIRMED], 'however often it is asked for');
  });

  const running = at(atRest(), request({ kind: 'switchover', from: 'a', to: 'b', reason: 'test' })).state;
  const pending = { ...CONFIRMED, seq: 2 };
  const unassigned = activeState({ service: { active: null }, grant: null, local: { view: viewOf({ a: 'down' }) } });
  const REFUSED: readonly (readonly [string, MachineState, string])[] = [
    ['while an operation runs', running, 'S10.one-operation'],
    ['while a write is under way', atRest({ pending, seq: 2 }), 'S10.one-operation'],
    ['while a write is in doubt', atRest({ unconfirmed: [pending], seq: 2 }), 'S10.one-operation'],
    ['twice', at(atRest(), request(REPAIR)).state, 'S10.one-operation'],
    ['before the first write', atRest({ confirmed: null }), 'S27.dns-drift'],
    ['when what was written names nobody who is active', unassigned, 'S28.last-answer'],
    ['in a freeze', at(atRest(), request({ kind: 'freeze', on: true, reason: 'x' })).state, 'S35.frozen'],
  ];
  for (const [when, state, rule] of REFUSED) {
    test(`is refused ${when}`, () => {
      assert.equal(replyTo(state, REPAIR), rule);
      assert.deepEqual(at(state, request(REPAIR)).state.service.dns.mends, state.service.dns.mends);
    });
  }
});
