// Warm standbys that fail their check: who says so, whom it keeps from being chosen, and when a person is told (S24, S25).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { candidates } from '../../../src/failover/candidates.ts';
import type { MachineState } from '../../../src/failover/service-state.ts';
import { unhealthyStandbys } from '../../../src/failover/standby-health.ts';
import {
  activeState,
  at,
  down,
  failedMark,
  type Look,
  nodeRules,
  replyTo,
  type StateChange,
  serviceRules,
  viewOf,
} from './machine-fixture.ts';

const RULES = serviceRules({ nodes: [nodeRules('a'), nodeRules('b'), nodeRules('c')], warmStandby: true });
const LOOKS = { a: 'up', b: 'down', c: 'down' } as const;
const MODE = { reason: 'disk', actor: 'ann', sinceWallMs: 0, expiresAfterMs: 3_600_000 };

function standbys(b: Look | readonly [Look, Look, Look], change: StateChange = {}): MachineState {
  const view = viewOf(LOOKS, { standby: { a: 'down', b, c: 'up' } });
  const breadcrumbs = { a: { kind: 'maybe', version: 2, epoch: 1 }, b: down(), c: down() } as const;
  return activeState({ rules: RULES, breadcrumbs, ...change, local: { view } });
}

const told = (state: MachineState) => unhealthyStandbys(state).map(({ node }) => node);
const switchover = (to: string | null) => ({ kind: 'switchover', from: null, to, reason: 'test' }) as const;

describe('who is unhealthy', () => {
  test('a standby of which a quorum says so, never the active, and nobody on the word of a few', () => {
    assert.deepEqual(told(standbys('down')), ['b']);
    assert.deepEqual(told(standbys(['down', 'down', 'up'])), ['b']);
    assert.deepEqual(told(standbys(['down', 'up', 'up'])), []);
    assert.deepEqual(told(standbys(['down', 'silent', 'silent'])), []);
    assert.deepEqual(told(standbys('up')), []);
  });

  test('nobody is told of one that is known not to be ready', () => {
    assert.deepEqual(told(standbys('down', { service: { failed: { b: failedMark('x', 'fenced') } } })), []);
    assert.deepEqual(told(standbys('down', { service: { nodeMaintenance: { b: MODE } } })), []);
    assert.deepEqual(told(standbys('down', { service: { maintenance: MODE } })), []);
  });

  test('it is told as a warning, and once more when it is over', () => {
    const begun = at(standbys('down'), { kind: 'tick' });
    const [alert] = begun.state.service.alerts;
    assert.deepEqual([alert?.id, alert?.level], ['b:S25.standby-unhealthy', 'warning']);
    const healthy = viewOf(LOOKS, { standby: { b: 'up', c: 'up' } });
    const over = at(begun.state, { kind: 'seen', view: healthy }, 101_000);
    assert.deepEqual(over.state.service.alerts, []);
    assert.ok(over.effects.some((effect) => effect.kind === 'alert' && effect.alert.state === 'resolved'));
  });
});

describe('what follows', () => {
  test('it comes last among the candidates, whatever its priority, and is not left out', () => {
    assert.deepEqual(candidates(standbys('up'), ['a']).eligible, ['b', 'c']);
    assert.deepEqual(candidates(standbys('down'), ['a']).eligible, ['c', 'b']);
  });

  test('no planned move goes there; one without a target goes to whoever is healthy', () => {
    assert.equal(replyTo(standbys('down'), switchover('b')), 'S25.standby-unhealthy');
    assert.equal(replyTo(standbys('down'), switchover('c')), 'accepted');
    assert.equal(at(standbys('down'), request(null)).state.op?.to, 'c');
  });

  test('a person may set it aside by name', () => {
    const forced = (overrides: readonly 'S25.standby-unhealthy'[]) =>
      replyTo(standbys('down'), { kind: 'failover', to: 'b', overrides, reason: 'test' });
    assert.equal(forced([]), 'S25.standby-unhealthy');
    assert.equal(forced(['S25.standby-unhealthy']), 'accepted');
  });

  test('one that became unhealthy after the command is refused by PRECHECK, and nothing was stopped', () => {
    const begun = at(standbys('up', { rules: PRECHECKED }), request('b')).state;
    assert.equal(begun.op?.phase, 'PRECHECK');
    const view = viewOf(LOOKS, { standby: { b: 'down', c: 'up' } });
    const after = at(begun, { kind: 'seen', view }, 101_000);
    assert.deepEqual([after.state.op, after.state.service.active], [null, 'a']);
    assert.match(after.history[0]?.summary ?? '', /standby b would not be usable/);
  });
});

const WITH_PRECHECK = nodeRules('b', { actions: { ...nodeRules('b').actions, precheck: 5_000 } });
const PRECHECKED = { ...RULES, nodes: [nodeRules('a'), WITH_PRECHECK, nodeRules('c')] };

function request(to: string | null): Parameters<typeof at>[1] {
  return { kind: 'request', id: 'r1', version: 1, actor: 'ann', command: switchover(to) };
}
