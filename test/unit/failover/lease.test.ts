// The lease of an agent as proof (S15, S16): what a revoked grant and the last renewal say, and that the first proof wins (S20).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Renewal } from '../../../src/failover/machine-event.ts';
import type { MachineState } from '../../../src/failover/service-state.ts';
import { activeState, at, down, nodeRules, serviceRules, viewOf } from './machine-fixture.ts';

const GONE = viewOf({ a: 'gone', b: 'down' });
const KEPT: Renewal = { periodMs: 30_000, armed: true, enforced: 'keeper', asked: [], refusedBy: null };
/** T(1 + rho)/(1 - rho) + m with the bounds of the fixture. */
const WAIT_MS = Math.ceil((30_000 * 1.01) / 0.99 + 1_000);

function agentState(wasDown: boolean, fenceLevels = 0): MachineState {
  const nodes = [nodeRules('a', { leaseProof: true, fenceLevels }), nodeRules('b', { leaseProof: true })];
  const breadcrumbs = { a: { kind: 'maybe', version: 2, epoch: 1, wasDown }, b: down() } as const;
  return activeState({ rules: serviceRules({ nodes }), breadcrumbs });
}

function answered(state: MachineState, renewal: Renewal | null, atMs = 100_100): MachineState {
  return at(state, { kind: 'answer', question: 'lease:a:1', answer: leaseAnswer(renewal) }, atMs).state;
}

function leaseAnswer(renewal: Renewal | null) {
  return { kind: 'lease', node: 'a', epoch: 1, renewal } as const;
}

function planned(state: MachineState): MachineState {
  const { state: next, effects } = at(state, { kind: 'seen', view: GONE });
  assert.ok(effects.some((effect) => effect.kind === 'ask' && effect.question.kind === 'lease'));
  assert.deepEqual(next.grant, { node: 'a', epoch: 1, revoked: true }, 'no renewal can succeed any more');
  return next;
}

describe('a lease', () => {
  test('proves the node down when it has run out on every clock, and not before', () => {
    const state = answered(planned(agentState(true)), KEPT);
    const before = at(state, { kind: 'tick' }, 100_100 + WAIT_MS - 1).state;
    assert.deepEqual([before.breadcrumbs.a?.kind, before.op?.phase, before.op?.blocked], ['maybe', 'FENCE', null]);
    const after = at(before, { kind: 'tick' }, 100_100 + WAIT_MS).state;
    assert.deepEqual([after.breadcrumbs.a?.kind, after.op?.phase], ['down', 'START_NEW']);
  });

  test('that was never renewed is proof at once, unless the node was unproven when it was granted', () => {
    assert.equal(answered(planned(agentState(true)), null).op?.phase, 'START_NEW');
    const doubtful = answered(planned(agentState(false)), null);
    assert.equal(doubtful.op?.blocked?.rule, 'S20.no-fence-ladder');
    assert.equal(at(doubtful, { kind: 'tick' }, 900_000).state.breadcrumbs.a?.kind, 'maybe');
  });

  for (const renewal of [
    { ...KEPT, armed: false },
    { ...KEPT, enforced: 'none' as const },
  ]) {
    test(`that nobody enforces proves nothing: ${JSON.stringify(renewal)}`, () => {
      const state = at(answered(planned(agentState(true)), renewal), { kind: 'tick' }, 900_000).state;
      assert.deepEqual([state.breadcrumbs.a?.kind, state.op?.blocked?.rule], ['maybe', 'S20.no-fence-ladder']);
    });
  }

  test('that goes on by the word of others is waited for from when one of them refuses, and else proves nothing', () => {
    const asking: Renewal = { ...KEPT, asked: ['p1/x', 'p2/y'] };
    const unproven = answered(planned(agentState(true)), asking);
    assert.equal(unproven.op?.blocked?.rule, 'S20.no-fence-ladder');
    assert.equal(at(unproven, { kind: 'tick' }, 900_000).state.breadcrumbs.a?.kind, 'maybe');
    const refused = answered(planned(agentState(true)), { ...asking, refusedBy: 'p2/y' });
    assert.equal(at(refused, { kind: 'tick' }, 100_100 + WAIT_MS - 1).state.breadcrumbs.a?.kind, 'maybe');
    assert.equal(at(refused, { kind: 'tick' }, 100_100 + WAIT_MS).state.breadcrumbs.a?.kind, 'down');
  });

  test('that nobody has refused yet is asked about again after a while, and waited for once somebody has', () => {
    const asking: Renewal = { ...KEPT, asked: ['p1/x'] };
    const unproven = answered(planned(agentState(true)), asking);
    const retryMs = unproven.rules.retryMs;
    const asks = (state: MachineState, atMs: number) => {
      const ticked = at(state, { kind: 'tick' }, atMs);
      const { length } = ticked.effects.filter((effect) => effect.kind === 'ask' && effect.question.kind === 'lease');
      return { length, state: ticked.state };
    };
    assert.equal(asks(unproven, 100_100 + retryMs - 1).length, 0);
    const again = asks(unproven, 100_100 + retryMs);
    assert.equal(again.length, 1);
    assert.equal(asks(again.state, 100_100 + 10 * retryMs).length, 0, 'one question at a time');
    const same = at(again.state, { kind: 'answer', question: 'lease:a:1', answer: leaseAnswer(asking) }, 120_000);
    assert.ok(!same.journal.some(({ text }) => text.startsWith('Lease of a')), 'the same is told once');
    assert.equal(same.state.op?.blocked?.rule, 'S20.no-fence-ladder');
    assert.equal(asks(same.state, 120_000 + retryMs - 1).length, 0);
    const third = asks(same.state, 120_000 + retryMs).state;
    const refused = answered(third, { ...asking, refusedBy: 'p1/x' }, 130_000);
    assert.equal(asks(refused, 130_000 + WAIT_MS - 1).length, 0);
    assert.equal(at(refused, { kind: 'tick' }, 130_000 + WAIT_MS - 1).state.breadcrumbs.a?.kind, 'maybe');
    const done = at(refused, { kind: 'tick' }, 130_000 + WAIT_MS).state;
    assert.deepEqual([done.breadcrumbs.a?.kind, done.op?.phase, done.op?.blocked], ['down', 'START_NEW', null]);
  });

  test('is asked, and waited for, anew by the next term', () => {
    const state = answered(planned(agentState(true)), KEPT);
    const taken = at(state, { kind: 'takeover', term: 2, view: GONE }, 100_100 + WAIT_MS - 10);
    assert.ok(taken.effects.some((effect) => effect.kind === 'ask' && effect.question.kind === 'lease'));
    const again = answered(taken.state, KEPT, 100_100 + WAIT_MS);
    assert.equal(at(again, { kind: 'tick' }, 100_100 + WAIT_MS + 10).state.breadcrumbs.a?.kind, 'maybe');
    assert.equal(at(again, { kind: 'tick' }, 100_100 + 2 * WAIT_MS).state.breadcrumbs.a?.kind, 'down');
  });

  test('wins against a fence that is still under way, whose late result means nothing', () => {
    const state = answered(planned(agentState(true, 1)), KEPT);
    assert.equal(state.op?.intent?.intent.kind, 'fence');
    const won = at(state, { kind: 'tick' }, 100_100 + WAIT_MS).state;
    assert.deepEqual([won.breadcrumbs.a?.kind, won.op?.intent?.intent.kind], ['down', 'start']);
    const late = { kind: 'notOff', reason: 'still on', evidence: {} } as const;
    const after = at(won, { kind: 'result', seq: state.op?.intent?.seq ?? 0, outcome: late }, 140_000).state;
    assert.equal(after.op?.phase, 'START_NEW');
  });

  test('of an older grant, or asked by nobody, changes nothing', () => {
    const state = planned(agentState(true));
    const answer = { kind: 'lease', node: 'a', epoch: 0, renewal: null } as const;
    const old = at(state, { kind: 'answer', question: 'lease:a:0', answer }).state;
    assert.deepEqual(old.local.leaseWaits, {});
  });
});
