// Between operations: stability, prechecks ahead of need, one word for what a service does, what an operation waits for, and
// the brake when many hosts fail at once.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { massFailure } from '../../../src/failover/mass-failure.ts';
import { PHASES } from '../../../src/failover/phase-table.ts';
import type { Refusal } from '../../../src/failover/refusal.ts';
import { steadyOf } from '../../../src/failover/steady.ts';
import { waitsFor } from '../../../src/failover/waits-for.ts';
import { activeState, at, failedMark, nodeRules, request, serviceRules, viewOf } from './machine-fixture.ts';

const REFUSAL: Refusal = { rule: 'S17.proof-missing', reason: 'no proof', remedy: 'look at it' };
const moving = at(activeState(), request({ kind: 'switchover', from: null, to: null, reason: 'x' })).state;

describe('noteStability', () => {
  test('settles after stableFor without a break, and a suspicion begins it anew', () => {
    const calm = viewOf({ a: 'up', b: 'down' });
    const doubt = viewOf({ a: 'up', b: 'down' }, { suspected: ['a'] });
    let { state } = at(activeState({ service: { settling: true } }), { kind: 'seen', view: calm }, 100_000);
    ({ state } = at(state, { kind: 'seen', view: doubt }, 150_000));
    ({ state } = at(state, { kind: 'seen', view: calm }, 151_000));
    ({ state } = at(state, { kind: 'tick' }, 210_999));
    assert.equal(state.service.settling, true);
    ({ state } = at(state, { kind: 'tick' }, 211_000));
    assert.equal(state.service.settling, false);
  });
});

describe('refreshPrechecks', () => {
  const rules = serviceRules({
    nodes: [nodeRules('a'), nodeRules('b', { actions: { ...nodeRules('b').actions, precheck: 5_000 } })],
  });

  test('asks at once, once, and again at half of the allowed age', () => {
    const asked = at(activeState({ rules }), { kind: 'tick' });
    assert.deepEqual(
      asked.effects.map((effect) => effect.kind === 'ask' && effect.question.kind),
      ['precheck'],
    );
    assert.deepEqual(at(asked.state, { kind: 'tick' }).effects, []);
    const answer = { kind: 'precheck', node: 'b', ok: true, reason: 'ready', lag: null } as const;
    const { state } = at(asked.state, { kind: 'answer', question: 'precheck:b', answer });
    assert.deepEqual(at(state, { kind: 'tick' }, 114_999).effects, []);
    assert.equal(at(state, { kind: 'tick' }, 115_000).effects.length, 1);
  });

  test('a node that is needed now is asked again every second, and one that is not waits for its turn', () => {
    const known = { ok: false, reason: 'no agent of b is connected', lag: null, atMonoMs: 100_000 };
    const refusal = { ...REFUSAL, rule: 'S32.precheck-failed' } as const;
    const view = viewOf({ a: 'down', b: 'down' });
    const needed = activeState({ rules, service: { refusal }, local: { view, prechecks: { b: known } } });
    const asks = (state: typeof needed, ms: number) =>
      at(state, { kind: 'tick' }, ms).effects.filter((effect) => effect.kind === 'ask').length;
    assert.equal(asks(needed, 100_999), 0);
    assert.equal(asks(needed, 101_000), 1);
    assert.equal(asks(activeState({ rules, local: { prechecks: { b: known } } }), 101_000), 0);
  });

  test('leaves failed nodes, nodes in maintenance and services in maintenance alone', () => {
    const work = { reason: 'disk', actor: 'ann', sinceWallMs: 0, expiresAfterMs: 1 };
    for (const service of [
      { failed: { b: failedMark('x', 'y') } },
      { nodeMaintenance: { b: work } },
      { maintenance: work },
    ]) {
      const asked = at(activeState({ rules, service }), { kind: 'tick' }).effects.filter(({ kind }) => kind === 'ask');
      assert.deepEqual(asked, []);
    }
  });
});

describe('steadyOf', () => {
  const TABLE = [
    ['active', activeState()],
    ['suspect', activeState({ local: { view: viewOf({ a: 'up', b: 'down' }, { suspected: ['a'] }) } })],
    ['operation', moving],
    ['restarting', { ...moving, op: moving.op === null ? null : { ...moving.op, kind: 'restart' as const } }],
    ['blocked', { ...moving, op: moving.op === null ? null : { ...moving.op, blocked: REFUSAL } }],
    ['blocked', activeState({ service: { refusal: REFUSAL } })],
    ['conflict', activeState({ local: { view: viewOf({ a: 'up', b: 'up' }) } })],
    ['unassigned', activeState({ service: { active: null } })],
    ['exhausted', activeState({ service: { active: null, failed: { a: failedMark('x', 'fenced') } } })],
    ['degraded', activeState({ service: { dnsProblem: REFUSAL } })],
    ['degraded', activeState({ service: { laggards: ['p3'] } })],
    [
      'active',
      activeState({ rules: serviceRules({ exclusive: false }), local: { view: viewOf({ a: 'up', b: 'up' }) } }),
    ],
  ] as const;
  for (const [place, [word, state]] of TABLE.entries()) {
    test(`${place + 1}: ${word}`, () => assert.equal(steadyOf(state), word));
  }
});

describe('waitsFor', () => {
  test('has words for every phase, and for a blocked operation the reason and the remedy', () => {
    assert.ok(moving.op !== null);
    for (const phase of [...Object.keys(PHASES), 'DONE'] as const) {
      const text = waitsFor({ ...moving.op, phase: phase as keyof typeof PHASES });
      assert.ok(text !== '' && !/null|undefined/.test(text), `${phase}: ${text}`);
    }
    assert.match(waitsFor(moving.op), /^a to acknowledge its stop, at most 8s$/);
    assert.equal(waitsFor({ ...moving.op, blocked: REFUSAL }), 'no proof');
  });
});

describe('massFailure', () => {
  const hosts = (count: number, dead: number) =>
    Array.from({ length: count }, (_, place) => ({ host: `h${place}`, isDown: place < dead }));
  const TABLE = [
    [hosts(2, 2), null],
    [hosts(10, 3), null],
    [hosts(9, 3), '3 of 9 hosts'],
    [hosts(3, 3), '3 of 3 hosts'],
    [[...hosts(1, 1), ...hosts(1, 1), ...hosts(1, 1), ...hosts(1, 1)], null],
  ] as const;
  for (const [place, [actives, expected]] of TABLE.entries()) {
    test(`${place + 1}: ${expected ?? 'no brake'}`, () => {
      const on = (some: readonly { readonly host: string }[]) => new Set(some.map(({ host }) => host)).size;
      const reason = massFailure({ holding: on(actives), down: on(actives.filter(({ isDown }) => isDown)) });
      if (expected === null) assert.equal(reason, null);
      else assert.ok(reason?.startsWith(expected), reason ?? 'no brake');
    });
  }
});

test('a name server that was late is asked again, and an old or unasked answer changes nothing', () => {
  const late = activeState({ service: { laggards: ['p3'] } });
  const asked = at(late, { kind: 'tick' });
  assert.deepEqual(
    asked.effects.flatMap((effect) => (effect.kind === 'ask' ? [effect.question] : [])),
    [{ kind: 'propagation', epoch: 1 }],
  );
  assert.deepEqual(
    at(asked.state, { kind: 'tick' }, 105_000).effects.filter(({ kind }) => kind === 'ask'),
    [],
  );
  const answer = { kind: 'propagation', laggards: [], horizonMonoMs: 0 } as const;
  const old = at(asked.state, { kind: 'answer', question: 'propagation:0', answer }, 105_000);
  assert.deepEqual(old.state.service.laggards, ['p3']);
  const back = at(asked.state, { kind: 'answer', question: 'propagation:1', answer }, 105_000);
  assert.deepEqual(back.state.service.laggards, []);
  assert.equal(steadyOf(back.state), 'active');
});

test('what a person found stays with the history of the rejoin', () => {
  const mark = { ...failedMark('x', 'no answer'), rootCause: 'the disk was full', actor: 'ann' };
  const state = activeState({ service: { failed: { b: mark } } });
  const { history } = at(state, request({ kind: 'rejoin', node: 'b', reason: 'repaired' }));
  assert.deepEqual(
    history.flatMap(({ op }) => op.findings.map(({ what, reason }) => `${what}: ${reason}`)),
    ['root cause: the disk was full', 'repaired by: ann'],
  );
});
