// S17: a warm standby of which nothing is known proves itself by its status action, asked in this operation; whatever else it
// answers, and whoever was granted the service, is stopped as ever.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Answer, MachineEvent } from '../../../src/failover/machine-event.ts';
import type { Breadcrumb, MachineState } from '../../../src/failover/service-state.ts';
import type { StepResult } from '../../../src/failover/step.ts';
import { activeState, at, nodeRules, request, serviceRules, viewOf } from './machine-fixture.ts';

const UNKNOWN: Breadcrumb = { kind: 'unknown', version: 3, why: 'maintenance has ended' };
const nodes = (['a', 'b', 'c'] as const).map((id) =>
  nodeRules(id, { actions: { ...nodeRules(id).actions, status: 5_000 } }),
);

function warm(crumb: Breadcrumb = UNKNOWN, change: Partial<MachineState['rules']> = {}): MachineState {
  return activeState({
    rules: serviceRules({ nodes, warmStandby: true, ...change }),
    breadcrumbs: { a: UNKNOWN, b: crumb, c: { kind: 'down', version: 1, how: 'asked', wallMs: 0, revision: 5 } },
    grant: null,
    service: { active: null },
    local: { view: viewOf({ a: 'up', b: 'down', c: 'down' }) },
  });
}

const ADOPT = request({ kind: 'adopt', node: 'a', reason: 'it runs' });
const asked = ({ effects }: StepResult) =>
  effects.flatMap((effect) => (effect.kind === 'ask' ? [effect.question] : []));
const ran = ({ effects }: StepResult) =>
  effects.flatMap((effect) => (effect.kind === 'run' ? [effect.intent.kind] : []));

function said(
  state: MachineState,
  role: Extract<Answer, { kind: 'status' }>['role'],
  opId = state.op?.opId,
): MachineEvent {
  const answer: Answer = { kind: 'status', node: 'b', role, epoch: 0, reason: `it says ${role}` };
  return { kind: 'answer', question: `standby:b:${opId}`, answer };
}

describe('a warm standby of which nothing is known', () => {
  const begun = at(warm(), ADOPT);

  test('is asked, not stopped', () => {
    assert.deepEqual([asked(begun).map(({ kind }) => kind), ran(begun)], [['standby'], []]);
  });

  test('is proven by saying standby, and the adoption goes on', () => {
    const next = at(begun.state, said(begun.state, 'standby'));
    assert.equal(next.state.breadcrumbs.b?.kind, 'down');
    assert.deepEqual(ran(next), ['adopt']);
  });

  for (const role of ['active', 'stopped', 'starting', 'unknown'] as const) {
    test(`is stopped when it says ${role}`, () => {
      assert.deepEqual(ran(at(begun.state, said(begun.state, role))), ['stop']);
    });
  }

  test('is not believed on a question of another operation', () => {
    const next = at(begun.state, said(begun.state, 'standby', 'op-before'));
    assert.deepEqual([next.state.breadcrumbs.b?.kind, ran(next)], ['unknown', []]);
  });

  test('is asked again by the next controller', () => {
    const next = at(begun.state, { kind: 'takeover', term: 2, view: begun.state.local.view });
    assert.deepEqual(
      asked(next).map(({ kind }) => kind),
      ['standby'],
    );
  });
});

describe('stopped as ever', () => {
  test('whoever was granted the service', () => {
    assert.deepEqual(ran(at(warm({ kind: 'maybe', version: 3, epoch: 1 }), ADOPT)), ['stop']);
  });

  test('a standby that is meant to be stopped', () => {
    assert.deepEqual(ran(at(warm(UNKNOWN, { warmStandby: false }), ADOPT)), ['stop']);
  });

  test('one without a status action', () => {
    const silent = nodes.map((node) => ({ ...node, actions: { ...node.actions, status: null } }));
    assert.deepEqual(ran(at(warm(UNKNOWN, { nodes: silent }), ADOPT)), ['stop']);
  });
});
