// A write that has waited for its turn is sent only when the machine would wish for it again (S28).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DnsIntent } from '../../../src/failover/intent.ts';
import type { MachineState } from '../../../src/failover/service-state.ts';
import { isStillWanted } from '../../../src/failover/still-wanted.ts';
import { activeState, type StateChange } from './machine-fixture.ts';

const BEFORE: DnsIntent = { node: 'b', level: 'steady', epoch: 1, seq: 1 };
const WAITS: DnsIntent = { node: 'a', level: 'settling', epoch: 2, seq: 2 };

/** `a` is active with epoch 2 and its name waits to be written. */
function waiting(service: NonNullable<StateChange['service']> = {}, change: StateChange = {}): MachineState {
  const dns = { confirmed: BEFORE, pending: WAITS, unconfirmed: [], seq: 2 };
  return activeState({
    grant: { node: 'a', epoch: 2, revoked: false },
    ...change,
    service: { epoch: 2, active: 'a', settling: true, dns, ...service },
  });
}

describe('isStillWanted', () => {
  test('the active node is what the name should say', () => assert.equal(isStillWanted(waiting(), WAITS), true));

  test('another TTL is no other answer', () => {
    assert.equal(isStillWanted(waiting({ settling: false }), WAITS), true);
  });

  const GONE: readonly [name: string, state: MachineState][] = [
    ['another node is active', waiting({ active: 'b', epoch: 3 }, { grant: { node: 'b', epoch: 3, revoked: false } })],
    ['no node is active, and what was not sent is no last answer', waiting({ active: null }, { grant: null })],
    ['the same node was granted anew', waiting({ epoch: 3 }, { grant: { node: 'a', epoch: 3, revoked: false } })],
    [
      'people work on the service',
      waiting({ maintenance: { reason: 'disk', actor: 'ann', sinceWallMs: 0, expiresAfterMs: 3_600_000 } }),
    ],
    ['it is not what waits any more', waiting({ dns: { confirmed: BEFORE, pending: null, unconfirmed: [], seq: 2 } })],
  ];
  for (const [name, state] of GONE) test(`not when ${name}`, () => assert.equal(isStillWanted(state, WAITS), false));
});
