// S24: people's moves need a majority of valid votes on the target, whatever those say, for as long as nothing has been stopped.
// What happens after the start is told by the stories test/scenarios/own-voters-*.txt.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MachineCommand } from '../../../src/failover/machine-command.ts';
import type { View } from '../../../src/failover/view.ts';
import { activeState, at, nodeRules, replyTo, request, serviceRules, viewOf } from './machine-fixture.ts';

const AWAY = viewOf({ a: 'up', b: ['down', 'silent', 'silent'] });
const SWITCHOVER: MachineCommand = { kind: 'switchover', from: null, to: 'b', reason: 'test' };

describe('a move for which too few probers have a valid vote on the target (S24)', () => {
  const forced = { kind: 'failover', to: 'b', reason: 'test' } as const;
  const asked: readonly (readonly [string, MachineCommand, View, string])[] = [
    ['a switchover, one of three', SWITCHOVER, AWAY, 'S24.quorum-pending'],
    ['a switchover, two of three', SWITCHOVER, viewOf({ a: 'up', b: ['down', 'down', 'silent'] }), 'accepted'],
    ['a failover by force', { ...forced, overrides: [] }, AWAY, 'S24.quorum-pending'],
    ['a failover that sets another rule aside', { ...forced, overrides: ['S36.cooldown'] }, AWAY, 'S24.quorum-pending'],
    ['a failover that sets it aside', { ...forced, overrides: ['S24.quorum-pending'] }, AWAY, 'accepted'],
    ['a live drill', { kind: 'drill', live: true, to: 'b', holdMs: 0, reason: 'test' }, AWAY, 'S24.quorum-pending'],
  ];
  for (const [name, command, view, expected] of asked) {
    test(name, () => assert.equal(replyTo(activeState({ local: { view } }), command), expected));
  }

  test('a failback to the preferred node', () => {
    const view = viewOf({ a: ['down', 'silent', 'silent'], b: 'up' });
    const breadcrumbs = { a: { kind: 'down', version: 1, how: 'test', wallMs: 0, revision: 5 } } as const;
    const state = activeState({ service: { active: 'b' }, local: { view }, breadcrumbs });
    assert.equal(replyTo(state, { kind: 'failback', reason: 'test' }), 'S24.quorum-pending');
  });

  test('is accepted where no node is active: nothing that is well could be turned off', () => {
    const state = activeState({
      service: { active: null },
      grant: null,
      local: { view: viewOf({ a: 'down', b: 'silent' }) },
    });
    assert.equal(replyTo(state, SWITCHOVER), 'accepted');
  });

  test('is given up in PRECHECK when the probers leave during it, before the TTL is waited out', () => {
    const asksFirst = nodeRules('b', { actions: { ...nodeRules('b').actions, precheck: 5_000 } });
    const rules = serviceRules({
      nodes: [nodeRules('a'), asksFirst],
      ttl: { steadyMs: 20_000, suspectMs: 5_000, followsSuspicion: true },
    });
    const begun = at(activeState({ rules }), request(SWITCHOVER));
    assert.equal(begun.state.op?.phase, 'PRECHECK');
    const { state, history } = at(begun.state, { kind: 'seen', view: AWAY }, 101_000);
    assert.equal(state.op, null);
    assert.deepEqual(
      history.map(({ outcome }) => outcome),
      ['aborted'],
    );
    assert.deepEqual(
      history[0]?.op.phases.map(({ phase }) => phase),
      ['PLAN', 'PRECHECK'],
    );
  });
});
