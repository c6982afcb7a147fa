// A fence test in pieces: the node counts as fenced from the first shot on, a failover goes first and chooses another node, and what
// comes in late or by a wrong name changes nothing (S10, S12, S36).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MachineState } from '../../../src/failover/service-state.ts';
import type { StepResult } from '../../../src/failover/step.ts';
import { activeState, at, down, nodeRules, replyTo, request, serviceRules, viewOf } from './machine-fixture.ts';

const COMMAND = { kind: 'fenceTest', node: 'b', level: null, reason: 'new switch' } as const;
const RULES = serviceRules({ nodes: ['a', 'b', 'c'].map((id) => nodeRules(id, { fenceLevels: 2 })) });
const VIEW = viewOf({ a: 'up', b: 'down', c: 'down' });

function three(): MachineState {
  const breadcrumbs = { a: { kind: 'maybe', version: 2, epoch: 1 }, b: down(), c: down() } as const;
  return activeState({ rules: RULES, breadcrumbs, local: { view: VIEW } });
}

function answered(state: MachineState, level: number, isOff = false): StepResult {
  const answer = { kind: 'fenceStatus', node: 'b', level, ok: true, isOff, reason: 'says' } as const;
  return at(state, { kind: 'answer', question: `fenceStatus:b:${level}`, answer });
}

function ended(state: MachineState, kind: 'done' | 'notOff' | 'killed', seq = state.op?.intent?.seq ?? -1): StepResult {
  return at(state, { kind: 'result', seq, outcome: { kind, reason: 'told', evidence: {} } });
}

function intents({ effects }: StepResult): readonly string[] {
  return effects.flatMap((effect) =>
    effect.kind === 'run' && effect.intent.kind === 'fence' ? [`${effect.intent.node} ${effect.intent.level}`] : [],
  );
}

describe('a fence test', () => {
  test('asks, fires, and goes on to the next level whatever came of it', () => {
    const begun = at(three(), request(COMMAND));
    assert.deepEqual(intents(begun), [], 'first it is asked');
    assert.equal(begun.state.service.failed.b, undefined);
    const first = answered(begun.state, 0);
    assert.deepEqual(intents(first), ['b 0']);
    assert.equal(first.state.service.failed.b?.why, 'its fence was tested by ann: new switch');
    const second = answered(ended(first.state, 'notOff').state, 1, true);
    assert.deepEqual(intents(second), ['b 1']);
    const { state, history } = ended(second.state, 'done');
    assert.equal(state.op, null);
    assert.match(history[0]?.summary ?? '', /^1 of 2 fence levels proved b down \(level 1 of b fired: notOff/);
    assert.equal(history[0]?.outcome, 'failed');
    assert.deepEqual(
      history[0]?.op.findings.map(({ ok }) => ok),
      [true, false, false, true],
    );
    const crumb = state.breadcrumbs.b;
    assert.ok(crumb?.kind === 'down' && crumb.how.startsWith('fence level 2 confirmed in a test by ann'));
    assert.equal(state.service.active, 'a');
    assert.equal(replyTo(state, { kind: 'switchover', from: null, to: 'b', reason: 'x' }), 'S36.rejoin-needed');
  });

  test('one level is one level', () => {
    for (const level of [0, 1]) {
      const fired = answered(at(three(), request({ ...COMMAND, level })).state, level);
      assert.deepEqual(intents(fired), [`b ${level}`]);
      assert.equal(ended(fired.state, 'done').state.op, null);
    }
  });

  test('a shot that was cut off with its controller is not fired again: the test ends as failed', () => {
    const { state } = answered(at(three(), request(COMMAND)).state, 0);
    const frozen = at(state, request({ kind: 'freeze', on: true, reason: 'x' })).state;
    for (const ends of [
      ended(state, 'killed'),
      at(state, { kind: 'takeover', term: 2, view: VIEW }),
      at(frozen, { kind: 'takeover', term: 2, view: VIEW }),
    ]) {
      assert.deepEqual(intents(ends), []);
      assert.equal(ends.state.op, null);
      assert.equal(ends.history[0]?.outcome, 'failed');
      assert.match(
        ends.history[0]?.summary ?? '',
        /^level 1 of b was cut off with its controller and is not fired again/,
      );
      assert.equal(ends.state.service.failed.b?.stage, 'failed');
    }
  });

  test('the active is not well: refused, and no further level is fired at the only standby', () => {
    const rules = serviceRules({ nodes: ['a', 'b'].map((id) => nodeRules(id, { fenceLevels: 2 })) });
    const breadcrumbs = { a: { kind: 'maybe', version: 2, epoch: 1 }, b: down() } as const;
    for (const view of [
      viewOf({ a: 'down', b: 'down' }, { revision: 20 }),
      viewOf({ a: 'up', b: 'down' }, { revision: 20, suspected: ['a'] }),
      viewOf({ a: ['up', 'down', 'silent'], b: 'down' }, { revision: 20 }),
    ]) {
      // A failover by itself is off, so nothing makes room for one.
      const state = activeState({ rules: { ...rules, automatic: false }, breadcrumbs });
      const asked = at(state, request(COMMAND)).state;
      assert.equal(replyTo({ ...state, local: { ...state.local, view } }, COMMAND), 'S36.active-unwell');
      const fired = answered(asked, 0).state;
      const missed = ended(at(fired, { kind: 'seen', view }).state, 'notOff');
      assert.deepEqual(intents(missed), []);
      assert.equal(missed.history[0]?.outcome, 'failed');
      assert.equal(missed.state.op, null);
    }
  });

  test('the active dies: the failover goes first, to a node that was not fired at, and the late result meets nobody', () => {
    const { state: fired } = answered(at(three(), request(COMMAND)).state, 0);
    const lost = at(fired, { kind: 'seen', view: viewOf({ a: 'down', b: 'down', c: 'down' }, { revision: 20 }) });
    assert.equal(lost.state.op?.kind, 'automatic');
    assert.equal(lost.state.op?.to, 'c');
    assert.equal(lost.history[0]?.outcome, 'failed');
    const late = ended(lost.state, 'done', fired.op?.intent?.seq);
    assert.deepEqual(late.state.op?.findings, []);
  });

  test('a person can end it at any moment, and a freeze holds it before the next shot', () => {
    const { state } = answered(at(three(), request(COMMAND)).state, 0);
    assert.equal(replyTo(state, { kind: 'abort', opId: state.op?.opId ?? '', reason: 'x' }), 'accepted');
    const frozen = at(state, request({ kind: 'freeze', on: true, reason: 'x' })).state;
    const held = ended(frozen, 'done');
    assert.deepEqual(intents(held), []);
    assert.equal(held.state.op?.blocked?.rule, 'S35.frozen');
  });

  test('a node that begins to answer as active is not fired at', () => {
    const { state } = at(three(), request(COMMAND));
    const seen = at(state, { kind: 'seen', view: viewOf({ a: 'up', b: 'up', c: 'down' }, { revision: 20 }) });
    const next = seen.state.op === null ? seen : answered(seen.state, 0);
    assert.deepEqual(intents(next), []);
    assert.equal((seen.history[0] ?? next.history[0])?.outcome, 'aborted');
  });

  const refusals: readonly (readonly [string, MachineState, string])[] = [
    ['the active node', three(), 'node.is-active'],
    [
      'a node that holds the grant and is not active',
      { ...three(), service: { ...three().service, active: 'c' } },
      'node.is-active',
    ],
    ['with nobody active', activeState({ rules: RULES, grant: null, service: { active: null } }), 'service.unassigned'],
  ];
  for (const [name, state, rule] of refusals) {
    test(`never at ${name}`, () => assert.equal(replyTo(state, { ...COMMAND, node: 'a' }), rule));
  }

  test('never where the machine serves another service, also when that has come there since', () => {
    const here = { ...viewOf({ a: 'up', b: 'down', c: 'down' }, { revision: 20 }), hostServes: { b: ['db'] } };
    assert.equal(replyTo({ ...three(), local: { ...three().local, view: here } }, COMMAND), 'S36.host-serves');
    const { state } = answered(at(three(), request(COMMAND)).state, 0);
    const next = ended(at(state, { kind: 'seen', view: here }).state, 'notOff');
    assert.deepEqual([intents(next), next.history[0]?.outcome], [[], 'failed']);
    assert.match(next.history[0]?.summary ?? '', /the machine of node b serves db too/);
  });

  test('never at a node that may be running', () => {
    const { breadcrumbs } = three();
    const state = { ...three(), breadcrumbs: { ...breadcrumbs, b: { kind: 'maybe', version: 9, epoch: 1 } } } as const;
    assert.equal(replyTo(state, COMMAND), 'S17.proof-missing');
  });
});
