// What operations are called: never a move to nobody, and both targets of one that turns round.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operationTitle } from '../../../src/failover/operation-title.ts';

const MOVE = { kind: 'switchover', from: 'a', to: 'b', rollback: false, tried: [], clear: [] } as const;

for (const [title, change] of [
  ['switchover a -> b', {}],
  ['coldStart none -> b', { kind: 'coldStart', from: null }],
  ['switchover to b, going back to a', { to: 'a', rollback: true, tried: ['b'] }],
  ['switchover, going back to a', { to: 'a', rollback: true }],
  ['automatic, no node left to start; it stops b', { kind: 'automatic', to: null, tried: ['b'], clear: ['b'] }],
  ['automatic, no node left to start', { kind: 'automatic', to: null }],
  ['rejoin of a', { kind: 'rejoin', to: null }],
  ['release of a', { kind: 'release', to: null }],
  ['restart of a', { kind: 'restart', to: 'a' }],
  ['adopt of b', { kind: 'adopt', from: null }],
  ['check of a failover', { kind: 'check', to: null }],
  ['conflict, b is kept', { kind: 'conflict', from: null }],
  ['conflict, every instance is stopped', { kind: 'conflict', from: null, to: null }],
] as const)
  test(title, () => assert.equal(operationTitle({ ...MOVE, ...change }), title));
