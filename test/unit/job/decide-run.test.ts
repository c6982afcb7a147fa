// Whether a command may begin or go on, as a table: everything that is not known is a refusal with its reason.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decideStart, decideStay, type RunQuestion } from '../../../src/job/decide-run.ts';
import type { NodeState, ServiceState } from '../../../src/ports/node-state.ts';

const NOW = 100_000;
const QUESTION: RunQuestion = { service: 'web', bootId: 'boot-1', nowBootMs: NOW, maxAgeMs: null };
/** Renewed a second ago, every five seconds, good for another twenty. */
const ACTIVE: ServiceState = {
  node: 'a',
  epoch: 7,
  role: 'active',
  activeUntilBootMs: NOW + 20_000,
  renewedBootMs: NOW - 1_000,
  renewEveryMs: 5_000,
};

function stateOf(service: Partial<ServiceState> = {}, state: Partial<NodeState> = {}): NodeState {
  const services = { web: { ...ACTIVE, ...service } };
  return { format: 1, cluster: 'c', bootId: 'boot-1', writtenBootMs: NOW, services, ...state };
}

type Case = readonly [
  what: string,
  state: NodeState,
  question: Partial<RunQuestion>,
  start: RegExp | null,
  stay: RegExp | null,
];

const ENDS = /^its lease ends within a second, or has ended$/;
const CASES: readonly Case[] = [
  ['active, renewed, with a lease', stateOf(), {}, null, null],
  ['another boot', stateOf({}, { bootId: 'boot-0' }), {}, /before the machine was started/, /before the machine/],
  ['no clock that counts suspension', stateOf(), { nowBootMs: null }, /no clock/, /no clock/],
  ['another service', stateOf(), { service: 'db' }, /knows no such service/, /knows no such service/],
  ['a service of the name of a method', stateOf(), { service: 'toString' }, /knows no such/, /knows no such/],
  ...(['stopped', 'stopping', 'standby', 'starting', 'unknown'] as const).map((role): Case => {
    const reason = new RegExp(`^this node is ${role}$`);
    return [role, stateOf({ role }), {}, reason, reason];
  }),
  ['never renewed', stateOf({ renewedBootMs: null }), {}, /no renewal/, /no renewal/],
  ['of unknown rhythm', stateOf({ renewEveryMs: null }), {}, /no renewal/, null],
  ['from the future', stateOf({ renewedBootMs: NOW + 1 }), {}, /has not come/, null],
  ['two renewals old', stateOf({ renewedBootMs: NOW - 10_000 }), {}, null, null],
  ['older', stateOf({ renewedBootMs: NOW - 10_001 }), {}, /renewed 10s ago, and at most 10s/, null],
  ['older, and allowed', stateOf({ renewedBootMs: NOW - 19_000 }), { maxAgeMs: 20_000 }, null, null],
  ['younger than a smaller limit', stateOf(), { maxAgeMs: 999 }, /renewed 1s ago, and at most 999ms/, null],
  [
    'older, with a lease that nobody enforces',
    stateOf({ activeUntilBootMs: null, renewedBootMs: 0 }),
    {},
    /ago/,
    /ago/,
  ],
  ['with a lease that nobody enforces', stateOf({ activeUntilBootMs: null }), {}, null, null],
  ['with a second left', stateOf({ activeUntilBootMs: NOW + 1_000 }), {}, null, null],
  ['with less', stateOf({ activeUntilBootMs: NOW + 999 }), {}, ENDS, ENDS],
  ['suspended for an hour', stateOf(), { nowBootMs: NOW + 3_600_000, maxAgeMs: 7_200_000 }, ENDS, ENDS],
  ['of another epoch', stateOf({ epoch: 8 }), {}, null, /its epoch is 8 now and was 7/],
];

describe('decideStart and decideStay', () => {
  for (const [what, state, question, start, stay] of CASES) {
    test(what, () => {
      const asked = { ...QUESTION, ...question };
      for (const [decision, expected] of [
        [decideStart(state, asked), start],
        [decideStay(state, { ...asked, epoch: 7, untilBootMs: null }), stay],
      ] as const) {
        if (expected === null) assert.equal(decision.kind, 'run', JSON.stringify(decision));
        else assert.match(decision.kind === 'refuse' ? decision.reason : 'it runs', expected);
      }
    });
  }

  test('an agent that was started again has nothing granted yet: what runs may go on to the end that it knew', () => {
    const restarted = stateOf({ renewedBootMs: null, renewEveryMs: null, activeUntilBootMs: null });
    for (const [untilBootMs, kind] of [
      [NOW + 1_000, 'run'],
      [NOW + 999, 'refuse'],
      [null, 'refuse'],
    ] as const)
      assert.equal(decideStay(restarted, { ...QUESTION, epoch: 7, untilBootMs }).kind, kind);
    assert.equal(decideStart(restarted, QUESTION).kind, 'refuse');
  });

  test('says for whom it is', () => {
    const { node, epoch, activeUntilBootMs } = ACTIVE;
    assert.deepEqual(decideStart(stateOf(), QUESTION), { kind: 'run', node, epoch, activeUntilBootMs });
  });
});
