// The agreed death of the active starts one operation, unless a rule holds it; each rule by its id, once, with an alert.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MachineState } from '../../../src/failover/service-state.ts';
import {
  activeState,
  at,
  down,
  failedMark,
  nodeRules,
  type StateChange,
  serviceRules,
  viewOf,
} from './machine-fixture.ts';

const DEAD = viewOf({ a: 'down', b: 'down' });
const SEEN_DEAD = { kind: 'seen', view: DEAD } as const;
const WORK = { reason: 'disk', actor: 'ann', sinceWallMs: 0, expiresAfterMs: 50_000 };

const HELD: readonly { readonly rule: string; readonly change: StateChange; readonly brake?: string }[] = [
  { rule: 'automatic.off', change: { rules: serviceRules({ automatic: false }) } },
  {
    rule: 'S35.maintenance',
    change: { service: { maintenance: WORK }, local: { firstSeenMonoMs: { 'maintenance:': 99_000 } } },
  },
  {
    rule: 'S35.maintenance-expired',
    change: { service: { maintenance: WORK }, local: { firstSeenMonoMs: { 'maintenance:': 1_000 } } },
  },
  {
    rule: 'S35.maintenance',
    change: { service: { nodeMaintenance: { a: WORK } }, local: { firstSeenMonoMs: { 'maintenance:a': 99_000 } } },
  },
  { rule: 'S9.startup-grace', change: { local: { termSinceMonoMs: 98_000 } } },
  { rule: 'S36.mass-failure', change: {}, brake: '4 of 5 hosts with an active node are down at once' },
  {
    rule: 'S36.cooldown',
    change: { service: { cooldown: { opId: 'x', agedMs: 0 } }, local: { firstSeenMonoMs: { x: 90_000 } } },
  },
  {
    rule: 'S36.budget',
    change: {
      service: {
        automaticOps: [
          { opId: 'x', agedMs: 0 },
          { opId: 'y', agedMs: 0 },
          { opId: 'z', agedMs: 0 },
        ],
      },
      local: { firstSeenMonoMs: { x: 1_000, y: 2_000, z: 3_000 } },
    },
  },
  { rule: 'candidate.none', change: { service: { failed: { b: failedMark('x', 'fenced') } } } },
  {
    rule: 'S32.precheck-failed',
    change: {
      rules: serviceRules({ nodes: [nodeRules('a'), withPrecheck('b')] }),
      local: { prechecks: { b: { ok: false, reason: 'disk full', lag: null, atMonoMs: 99_000 } } },
    },
  },
];

function withPrecheck(id: string): ReturnType<typeof nodeRules> {
  return nodeRules(id, { actions: { ...nodeRules(id).actions, precheck: 5_000 } });
}

describe('considerAutomatic', () => {
  test('starts a failover to the best candidate, with votes and candidates as evidence', () => {
    const { state, journal } = at(activeState(), SEEN_DEAD);
    assert.equal(state.op?.kind, 'automatic');
    assert.deepEqual([state.op?.from, state.op?.to], ['a', 'b']);
    assert.deepEqual(Object.keys(journal[0]?.evidence ?? {}), ['votes', 'outcome', 'candidates']);
    assert.match(journal[0]?.text ?? '', /3 of 3 probers agree/);
  });

  for (const { rule, change, brake = null } of HELD) {
    test(`is held by ${rule} and says so once`, () => {
      const view = viewOf({ a: 'down', b: 'down' }, { brake });
      const held = at(activeState(change), { kind: 'seen', view });
      assert.equal(held.state.op, null);
      assert.equal(held.state.service.refusal?.rule, rule);
      assert.equal(held.effects.filter(({ kind }) => kind === 'alert').length, 1);
      const again = at(held.state, { kind: 'seen', view });
      assert.deepEqual(again.effects, []);
    });
  }

  test('the refusal is forgotten when the active is seen again', () => {
    const held = at(activeState({ rules: serviceRules({ automatic: false }) }), SEEN_DEAD);
    const seen = at(held.state, { kind: 'seen', view: viewOf({ a: 'up', b: 'down' }) });
    assert.equal(seen.state.service.refusal, null);
  });

  for (const [name, looks] of [
    ['one vote of three', ['down', 'up', 'up']],
    ['two votes against a silent one that could not change it, from too few', ['down', 'silent', 'silent']],
    ['nobody', ['silent', 'silent', 'silent']],
  ] as const) {
    test(`nothing moves when ${name} says down`, () => {
      const { state } = at(activeState(), { kind: 'seen', view: viewOf({ a: looks, b: 'down' }) });
      assert.equal(state.op, null);
      // Where too few can vote at all, a person is told before anything happens.
      const isBlind = looks.filter((look) => look !== 'silent').length < 2;
      assert.equal(state.service.refusal?.rule ?? null, isBlind ? 'S24.quorum-pending' : null);
    });
  }

  test('two of three from two vantages are enough', () => {
    const { state } = at(activeState(), { kind: 'seen', view: viewOf({ a: ['down', 'down', 'up'], b: 'down' }) });
    assert.equal(state.op?.kind, 'automatic');
  });

  test('a precheck that fails after planning ends in a refusal and not in operation after operation', () => {
    const rules = serviceRules({ nodes: [nodeRules('a'), withPrecheck('b')] });
    const planned = at(activeState({ rules }), SEEN_DEAD);
    assert.equal(planned.state.op?.phase, 'PRECHECK');
    const answered = at(planned.state, {
      kind: 'answer',
      question: 'precheck:b',
      answer: { kind: 'precheck', node: 'b', ok: false, reason: 'disk full', lag: null },
    });
    assert.equal(answered.state.op, null);
    assert.deepEqual(
      answered.history.map(({ outcome }) => outcome),
      ['aborted'],
    );
    assert.equal(answered.state.service.refusal?.rule, 'S32.precheck-failed');
    const passed = at(answered.state, {
      kind: 'answer',
      question: 'precheck:b',
      answer: { kind: 'precheck', node: 'b', ok: true, reason: 'ready', lag: null },
    });
    assert.equal(passed.state.op?.phase, 'STOP_OLD');
  });
});

describe('cooldown and budget', () => {
  test('are set by the commit of the first effect, not by the plan', () => {
    const rules = serviceRules({ nodes: [nodeRules('a'), withPrecheck('b')] });
    const planned = at(activeState({ rules }), SEEN_DEAD);
    assert.equal(planned.state.service.cooldown, null);
    const moved = at(planned.state, {
      kind: 'answer',
      question: 'precheck:b',
      answer: { kind: 'precheck', node: 'b', ok: true, reason: 'ready', lag: null },
    });
    assert.equal(moved.state.service.cooldown?.opId, moved.state.op?.opId);
    assert.equal(moved.state.service.automaticOps.length, 1);
  });

  test('run out once and for all: the next controller does not begin them anew', () => {
    const past: StateChange = {
      rules: serviceRules({ cooldownMs: 50_000, budget: { count: 1, perMs: 60_000 } }),
      service: { cooldown: { opId: 'x', agedMs: 0 }, automaticOps: [{ opId: 'x', agedMs: 0 }] },
      local: { firstSeenMonoMs: { x: 30_000 } },
    };
    const expired = at(activeState(past), { kind: 'tick' });
    assert.equal(expired.state.service.cooldown, null);
    assert.deepEqual(expired.state.service.automaticOps, []);
    const next = at(expired.state, { kind: 'takeover', term: 2, view: DEAD }, 200_000);
    assert.equal(at(next.state, SEEN_DEAD, 204_000).state.op?.kind, 'automatic');
  });

  test('count from the takeover while they last: ages of another controller are not compared', () => {
    const fresh = activeState({
      service: { cooldown: { opId: 'x', agedMs: 0 } },
      local: { firstSeenMonoMs: { x: 99_000 } },
    });
    const next = at(fresh, { kind: 'takeover', term: 2, view: DEAD }, 200_000);
    const late = at(next.state, SEEN_DEAD, 200_000 + 3_599_000);
    assert.equal(late.state.service.refusal?.rule, 'S36.cooldown');
    const free = at(late.state, { kind: 'tick' }, 200_000 + 3_600_000);
    assert.equal(free.state.op?.kind, 'automatic');
  });
});

test('a dead active without any grant record is failed over like any other', () => {
  const state: MachineState = activeState({ breadcrumbs: { a: { kind: 'unknown', version: 0, why: '' }, b: down() } });
  assert.deepEqual(at(state, SEEN_DEAD).state.op?.clear, ['a']);
});
