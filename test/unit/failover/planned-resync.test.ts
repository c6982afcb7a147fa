// failover.resyncAfter: move. The node that a planned move has left rejoins by itself, once; what goes wrong is a person's.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { candidates } from '../../../src/failover/candidates.ts';
import type { FailedNode, MachineState } from '../../../src/failover/service-state.ts';
import { activeState, at, down, failedMark, nodeRules, serviceRules, viewOf } from './machine-fixture.ts';

const nodes = (['a', 'b'] as const).map((id) =>
  nodeRules(id, { actions: { ...nodeRules(id).actions, resync: 5_000 } }),
);

/** `a` has moved to `b`; what is known of `a` is in `mark`. */
function moved(mark: Partial<FailedNode>, change: Parameters<typeof activeState>[0] = {}): MachineState {
  return activeState({
    rules: serviceRules({ nodes, resyncAfter: 'move' }),
    breadcrumbs: { a: down(), b: { kind: 'maybe', version: 2, epoch: 2 } },
    grant: { node: 'b', epoch: 2, revoked: false },
    service: {
      active: 'b',
      epoch: 2,
      failed: { a: { ...failedMark('op-1', 'it was active before this move'), ...mark } },
    },
    local: { view: viewOf({ a: 'down', b: 'up' }) },
    ...change,
  });
}

const opOf = (state: MachineState) => {
  const { op } = at(state, { kind: 'tick' }).state;
  return op === null ? null : [op.kind, op.from, op.actor, op.phase];
};

describe('a node that a planned move has left', () => {
  test('is no candidate, and its resync begins', () => {
    const state = moved({ stage: 'resyncing' });
    assert.deepEqual(candidates(state, []).excluded[0]?.refusal.rule, 'S36.rejoin-needed');
    assert.deepEqual(opOf(state), ['rejoin', 'a', 'oneup', 'RESYNC']);
  });

  test('is left to a person once its resync has failed or has made room', () => {
    for (const stage of ['failed', 'repairing'] as const) assert.equal(opOf(moved({ stage })), null);
    const begun = at(moved({ stage: 'resyncing' }), { kind: 'tick' }).state;
    const seq = begun.op?.intent?.seq ?? -1;
    const outcome = { kind: 'failed', reason: 'exit code 1', evidence: {} } as const;
    const { state } = at(begun, { kind: 'result', seq, outcome });
    assert.deepEqual([state.op, state.service.failed.a?.stage], [null, 'repairing']);
  });

  test('waits while the service is frozen, the active is down, or it answers itself', () => {
    const frozen = { reason: 'x', actor: 'ann', sinceWallMs: 0 };
    const state = moved({ stage: 'resyncing' });
    assert.equal(opOf({ ...state, service: { ...state.service, frozen } }), null);
    for (const view of [
      viewOf({ a: 'down', b: ['up', 'down', 'silent'] }),
      viewOf({ a: ['up', 'down', 'down'], b: 'up' }),
    ]) {
      assert.notDeepEqual(opOf({ ...state, local: { ...state.local, view } })?.[0], 'rejoin');
    }
  });
});
