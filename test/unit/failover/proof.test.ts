// Proof that a node is down: what records it, what voids it, and that nothing else does (S17, S19).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { IntentOutcome } from '../../../src/failover/machine-event.ts';
import type { MachineState } from '../../../src/failover/service-state.ts';
import {
  activeState,
  at,
  down,
  type Look,
  nodeRules,
  request,
  type StateChange,
  serviceRules,
  viewOf,
} from './machine-fixture.ts';

const MOVE = request({ kind: 'switchover', from: null, to: null, reason: 'x' });

function outcome(kind: IntentOutcome['kind']): IntentOutcome {
  return { kind, reason: `it ${kind}`, evidence: {} };
}

/** The pending intent of the operation ends like this. */
function end(state: MachineState, kind: IntentOutcome['kind'], atMs = 101_000): ReturnType<typeof at> {
  return at(state, { kind: 'result', seq: state.op?.intent?.seq ?? -1, outcome: outcome(kind) }, atMs);
}

describe('voidProofs', () => {
  const CASES: readonly [name: string, look: Look | readonly [Look, Look, Look], writtenAt: number, voided: boolean][] =
    [
      ['an observation written after the proof that answers as active', 'up', 6, true],
      ['one prober is enough', ['down', 'up', 'down'], 6, true],
      ['an observation written before the proof', 'up', 5, false],
      ['an observation written after it that does not answer', 'down', 6, false],
      ['silence', 'silent', 6, false],
    ];
  for (const [name, look, writtenAt, voided] of CASES) {
    test(`${name}: ${voided ? 'void' : 'stands'}`, () => {
      const view = viewOf({ a: 'up', b: look }, { revision: 9, writtenAt });
      const { state } = at(activeState({ breadcrumbs: { a: down(2, 9), b: down(1, 5) } }), { kind: 'seen', view });
      assert.equal(state.breadcrumbs.b?.kind, voided ? 'unknown' : 'down');
      if (voided) assert.ok((state.breadcrumbs.b?.version ?? 0) > 1);
    });
  }

  test('a takeover looks at once', () => {
    const view = viewOf({ a: 'up', b: 'up' }, { revision: 9 });
    const { state } = at(activeState(), { kind: 'takeover', term: 2, view });
    assert.equal(state.breadcrumbs.b?.kind, 'unknown');
  });

  test('what may run twice has no proof to void', () => {
    const change: StateChange = { rules: serviceRules({ exclusive: false }) };
    const { state } = at(activeState(change), { kind: 'seen', view: viewOf({ a: 'up', b: 'up' }, { revision: 9 }) });
    assert.equal(state.breadcrumbs.b?.kind, 'down');
  });
});

describe('proveDown', () => {
  test('an acknowledged stop is the proof, recorded with the revision that was known', () => {
    const moving = at(activeState(), MOVE);
    const { state } = end(moving.state, 'done');
    const crumb = state.breadcrumbs.a;
    assert.ok(crumb?.kind === 'down' && crumb.revision === 10 && crumb.how.includes('stop acknowledged'));
  });

  for (const kind of ['failed', 'timeout', 'refused', 'error'] as const) {
    test(`a stop that ended ${kind} proves nothing, and the ladder begins`, () => {
      const { state } = end(at(activeState(), MOVE).state, kind);
      assert.equal(state.breadcrumbs.a?.kind, 'maybe');
      assert.equal(state.op?.intent?.intent.kind, 'fence');
    });
  }

  test('a stop or a fence that was cut off with its controller is sent again with a new step', () => {
    const moving = at(activeState(), MOVE).state;
    const again = end(moving, 'killed').state;
    assert.deepEqual([again.op?.phase, again.op?.intent?.intent.kind, again.op?.fenced], ['STOP_OLD', 'stop', []]);
    assert.ok((again.op?.intent?.intent.step ?? 0) > (moving.op?.intent?.intent.step ?? 0));
    const fencing = end(again, 'failed').state;
    assert.equal(end(fencing, 'killed').state.op?.intent?.intent.kind, 'fence');
  });

  for (const kind of ['failed', 'notOff', 'timeout', 'error', 'refused'] as const) {
    test(`a fence level that ended ${kind} proves nothing: no start, blocked, tried again after a pause`, () => {
      const fencing = end(at(activeState(), MOVE).state, 'failed');
      const missed = end(fencing.state, kind, 102_000);
      assert.equal(missed.state.op?.blocked?.rule, 'S17.proof-missing');
      assert.equal(missed.state.op?.intent, null);
      assert.equal(missed.state.service.epoch, 1);
      assert.equal(at(missed.state, { kind: 'tick' }, 103_900).state.op?.intent, null);
      assert.equal(at(missed.state, { kind: 'tick' }, 104_000).state.op?.intent?.intent.kind, 'fence');
    });
  }

  test('the pause between rounds of the ladder doubles and stays bounded', () => {
    let { state } = end(at(activeState(), MOVE).state, 'failed');
    const pauses: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      ({ state } = end(state, 'notOff', 200_000));
      pauses.push(state.local.fenceRetryAtMonoMs - 200_000);
      ({ state } = at(state, { kind: 'tick' }, state.local.fenceRetryAtMonoMs));
    }
    assert.deepEqual(pauses, [2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 64_000, 64_000]);
  });

  test('a result for another step than the pending one means nothing', () => {
    const moving = at(activeState(), MOVE).state;
    for (const seq of [(moving.op?.intent?.seq ?? 0) - 1, (moving.op?.intent?.seq ?? 0) + 1]) {
      const { state, effects } = at(moving, { kind: 'result', seq, outcome: outcome('done') });
      assert.deepEqual([state.breadcrumbs.a?.kind, effects.length], ['maybe', 0]);
    }
  });
});

describe('a proof that does not last', () => {
  test('a node that still answers after its patience loses the proof and is fenced', () => {
    const lying = viewOf({ a: 'up', b: 'down' }, { revision: 10 });
    const { state } = end(at(activeState({ local: { view: lying } }), MOVE).state, 'done', 101_000);
    assert.deepEqual([state.op?.phase, state.breadcrumbs.a?.kind], ['CONFIRM_DOWN', 'down']);
    assert.equal(at(state, { kind: 'tick' }, 102_900).state.op?.phase, 'CONFIRM_DOWN');
    const caught = at(state, { kind: 'tick' }, 104_000);
    assert.deepEqual([caught.state.op?.phase, caught.state.breadcrumbs.a?.kind], ['FENCE', 'unknown']);
  });

  test('a ladder that lies to its end starts nothing', () => {
    const lying = viewOf({ a: 'up', b: 'down' }, { revision: 10 });
    let { state } = end(at(activeState({ local: { view: lying } }), MOVE).state, 'done');
    ({ state } = at(state, { kind: 'tick' }, 110_000));
    ({ state } = end(state, 'done', 111_000));
    const caught = at(state, { kind: 'tick' }, 120_000);
    assert.equal(caught.state.op?.blocked?.rule, 'S17.proof-missing');
    assert.deepEqual([caught.state.service.epoch, caught.effects.some(({ kind }) => kind === 'run')], [1, false]);
  });

  test('a second start of a target needs the proofs of its own moment', () => {
    const idle = activeState({ service: { active: null }, breadcrumbs: { a: down(), b: down(2) }, grant: null });
    const calm = { ...idle, local: { ...idle.local, view: viewOf({ a: 'down', b: 'down' }) } };
    let { state } = at(calm, request({ kind: 'switchover', from: null, to: 'b', reason: 'x' }));
    ({ state } = end(state, 'killed'));
    assert.equal(state.op?.intent?.intent.kind, 'stop');
    const surprised = at(state, { kind: 'seen', view: viewOf({ a: 'up', b: 'down' }, { revision: 20 }) });
    assert.equal(surprised.state.breadcrumbs.a?.kind, 'unknown');
    const stopped = end(surprised.state, 'done');
    assert.deepEqual([stopped.state.op?.intent?.intent.kind, stopped.state.op?.intent?.intent.node], ['stop', 'a']);
    const undisturbed = end(state, 'done');
    assert.deepEqual([undisturbed.state.op?.intent?.intent.kind, undisturbed.state.service.epoch], ['start', 2]);
  });
});

describe('who must be proven down', () => {
  const nodes = [nodeRules('a'), nodeRules('b'), nodeRules('c')];
  const view = viewOf({ a: 'up', b: 'down', c: 'down' });

  test('only those without a standing proof are stopped, the old active first', () => {
    const breadcrumbs = { a: { kind: 'maybe', version: 2, epoch: 1 }, b: down() } as const;
    const { state } = at(activeState({ rules: serviceRules({ nodes }), breadcrumbs, local: { view } }), MOVE);
    assert.deepEqual([state.op?.to, state.op?.clear], ['b', ['a', 'c']]);
  });

  test('a host that no prober reaches is fenced without waiting for its stop', () => {
    const gone = viewOf({ a: 'gone', b: 'down' });
    const { state } = at(activeState(), { kind: 'seen', view: gone });
    assert.equal(state.op?.intent?.intent.kind, 'fence');
  });

  test('a host of which nothing is known gets the time of one contact', () => {
    const { state } = at(activeState({ local: { view: viewOf({ a: 'silent', b: 'down' }) } }), MOVE);
    const intent = state.op?.intent?.intent;
    assert.ok(intent?.kind === 'stop' && intent.timeoutMs === 5_000);
  });

  test('nobody, when the service may run twice: the target starts at once, a failed one is left alone', () => {
    const twice = activeState({
      rules: serviceRules({ exclusive: false, nodes: [nodeRules('a'), nodeRules('b', { fenceLevels: 0 })] }),
      breadcrumbs: {},
      local: { view: viewOf({ a: 'up', b: 'up' }) },
    });
    const started = at(twice, MOVE);
    assert.equal(started.state.op?.intent?.intent.kind, 'start');
    const failed = end(started.state, 'failed');
    assert.deepEqual(
      [failed.state.op?.to, failed.state.op?.rollback, failed.state.op?.intent?.intent.kind],
      ['a', true, 'start'],
    );
  });
});
