// A node that the configuration does not list may be running all the same: while a record names it, nothing starts (S7, S19).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { candidates } from '../../../src/failover/candidates.ts';
import {
  activeState,
  at,
  down,
  nodeRules,
  replyTo,
  request,
  type StateChange,
  serviceRules,
  viewOf,
} from './machine-fixture.ts';

/** Node `z` is active or holds the grant, and the configuration lists `a` and `b` alone. */
const STRAYS: Readonly<Record<string, StateChange>> = {
  'the active node': { service: { active: 'z' }, grant: null },
  'the holder of the grant': { service: { active: null }, grant: { node: 'z', epoch: 1, revoked: false } },
};
const PROVEN = { breadcrumbs: { a: down(), b: down() } } as const;
const QUIET = { view: viewOf({ a: 'down', b: 'down' }) };

describe('a holder that is not listed', () => {
  for (const [who, change] of Object.entries(STRAYS)) {
    test(`${who} keeps everything else from starting`, () => {
      const state = activeState({ ...change, ...PROVEN, local: QUIET });
      assert.deepEqual(candidates(state, []).eligible, []);
      for (const to of ['a', 'b']) {
        assert.equal(replyTo(state, { kind: 'switchover', from: null, to, reason: 'x' }), 'S7.holder-not-listed');
        const forced = { kind: 'failover', to, overrides: ['S24.quorum-pending'], reason: 'x' } as const;
        assert.equal(replyTo(state, forced), 'S7.holder-not-listed');
      }
      const seen = activeState({ ...change, ...PROVEN, local: { view: viewOf({ a: 'up', b: 'down' }) } });
      assert.equal(replyTo(seen, { kind: 'adopt', node: 'a', reason: 'x' }), 'S7.holder-not-listed');
    });

    test(`${who} holds even an operation that has come as far as its grant`, () => {
      const before = activeState({ service: { active: null }, grant: null, ...PROVEN, local: QUIET });
      const { state: planned } = at(before, request({ kind: 'switchover', from: null, to: 'b', reason: 'x' }));
      assert.ok(planned.op !== null);
      const service = { ...planned.service, ...change.service };
      const state = {
        ...planned,
        service,
        grant: change.grant ?? null,
        op: { ...planned.op, phase: 'CONFIRM_DOWN' } as const,
      };
      const { state: next, effects } = at({ ...state, op: { ...state.op, intent: null } }, { kind: 'tick' });
      assert.equal(next.op?.blocked?.rule, 'S7.holder-not-listed');
      assert.ok(!effects.some(({ kind }) => kind === 'run'));
    });
  }

  test('nobody starts by itself beside it, and the reason is told', () => {
    const state = activeState({ service: { active: 'z' }, ...PROVEN, local: QUIET });
    assert.equal(at(state, { kind: 'tick' }).state.service.refusal?.rule, 'S7.holder-not-listed');
  });

  test('a grant that was revoked, and a service that may run twice, are not held', () => {
    const revoked = activeState({
      service: { active: null },
      grant: { node: 'z', epoch: 1, revoked: true },
      ...PROVEN,
    });
    assert.deepEqual(candidates({ ...revoked, local: { ...revoked.local, ...QUIET } }, []).eligible, ['a', 'b']);
    const rules = serviceRules({ exclusive: false, nodes: [nodeRules('a'), nodeRules('b')] });
    const plain = activeState({ rules, service: { active: 'z' }, local: { view: viewOf({ a: 'up', b: 'up' }) } });
    assert.deepEqual(candidates(plain, []).eligible, ['a', 'b']);
  });
});
