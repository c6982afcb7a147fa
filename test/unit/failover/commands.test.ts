// Every command in every situation: accepted, or refused by the rule that says why. The table is the whole truth of it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MachineCommand } from '../../../src/failover/machine-command.ts';
import { BUSY, type CommandRow, IDLE, OK, type Situation, STATES, WORK } from './command-situations.ts';
import { activeState, at, down, nodeRules, replyTo, request, serviceRules, viewOf } from './machine-fixture.ts';
import { OPERATOR_COMMANDS } from './operator-command-table.ts';

const TABLE: readonly CommandRow[] = [
  ...OPERATOR_COMMANDS,
  {
    command: { kind: 'switchover', from: null, to: null, reason: 'x' },
    replies: {
      active: OK,
      running: BUSY,
      maintenance: 'S35.maintenance',
      nodeWork: 'candidate.none',
      failed: 'candidate.none',
      idle: OK,
      idleUp: 'switchover.running-elsewhere',
      idleTwo: 'candidate.none',
    },
  },
  {
    command: { kind: 'switchover', from: 'b', to: 'a', reason: 'x' },
    replies: { active: 'switchover.from-differs', onB: OK, idle: 'switchover.from-differs' },
  },
  {
    command: { kind: 'switchover', from: null, to: 'a', reason: 'x' },
    replies: { active: 'node.is-active', onB: OK, idle: OK, idleUp: 'target.answering' },
  },
  {
    command: { kind: 'switchover', from: null, to: 'b', reason: 'x' },
    replies: { failed: 'S36.rejoin-needed', nodeWork: 'S35.maintenance', failedUp: 'S36.rejoin-needed' },
  },
  { command: { kind: 'switchover', from: null, to: 'z', reason: 'x' }, replies: { active: 'node.unknown' } },
  {
    command: { kind: 'failback', reason: 'x' },
    replies: {
      active: 'failback.preferred-is-active',
      onB: OK,
      running: BUSY,
      maintenance: 'S35.maintenance',
      idle: OK,
      idleUp: 'target.answering',
    },
  },
  {
    command: { kind: 'adopt', node: 'a', reason: 'x' },
    replies: {
      active: 'node.is-active',
      onB: 'adopt.two-running',
      running: BUSY,
      maintenance: 'S35.maintenance',
      idle: 'adopt.not-running',
      idleUp: OK,
      idleTwo: 'adopt.two-running',
    },
  },
  { command: { kind: 'adopt', node: 'z', reason: 'x' }, replies: { idle: 'node.unknown' } },
  {
    command: { kind: 'rejoin', node: 'b', reason: 'x' },
    replies: {
      active: 'node.not-failed',
      running: BUSY,
      maintenance: 'S35.maintenance',
      failed: OK,
      failedUp: 'S17.still-answering',
    },
  },
  { command: { kind: 'rejoin', node: 'z', reason: 'x' }, replies: { active: 'node.unknown' } },
  {
    command: { kind: 'confirmDown', node: 'a', reason: 'unplugged', version: 2 },
    replies: { active: 'S17.still-answering', idle: OK, onB: OK },
  },
  {
    command: { kind: 'confirmDown', node: 'a', reason: 'unplugged', version: 1 },
    replies: { active: 'S19.breadcrumb-changed', idle: OK },
  },
  { command: { kind: 'confirmDown', node: 'z', reason: 'x', version: 0 }, replies: { active: 'node.unknown' } },
  {
    command: { kind: 'maintenance', on: true, node: null, reason: 'disk', expiresAfterMs: 1 },
    replies: { active: OK, running: OK, idle: OK },
  },
  {
    command: { kind: 'maintenance', on: false, node: null, reason: 'disk', expiresAfterMs: 1 },
    replies: { active: 'maintenance.not-set', maintenance: OK, running: 'maintenance.not-set' },
  },
  {
    command: { kind: 'maintenance', on: true, node: 'b', reason: 'disk', expiresAfterMs: 1 },
    replies: { active: OK, onB: 'maintenance.active-node', running: BUSY },
  },
  {
    command: { kind: 'maintenance', on: false, node: 'b', reason: 'disk', expiresAfterMs: 1 },
    replies: { active: 'maintenance.not-set', nodeWork: OK },
  },
  {
    command: { kind: 'maintenance', on: true, node: 'z', reason: 'disk', expiresAfterMs: 1 },
    replies: { active: 'node.unknown' },
  },
];

describe('handleCommand', () => {
  for (const { command, replies } of TABLE) {
    for (const [situation, expected] of Object.entries(replies)) {
      test(`${JSON.stringify(command)} when ${situation}: ${expected}`, () => {
        assert.equal(replyTo(STATES[situation as Situation], command), expected);
      });
    }
  }

  test('a refusal changes nothing', () => {
    for (const { command, replies } of TABLE) {
      for (const [situation, expected] of Object.entries(replies)) {
        if (expected === OK) continue;
        const before = at(STATES[situation as Situation], { kind: 'tick' }, 0).state;
        const { state, journal } = at(before, request(command), 0);
        assert.deepEqual({ ...state, local: null }, { ...before, local: null }, `${command.kind} when ${situation}`);
        assert.deepEqual(journal, []);
      }
    }
  });

  test('an operation is accepted with its id and begins in the same commit', () => {
    const { state, effects } = at(STATES.active, request({ kind: 'switchover', from: null, to: null, reason: 'x' }));
    const [reply] = effects.flatMap((effect) => (effect.kind === 'reply' ? [effect.reply] : []));
    assert.deepEqual(reply, { kind: 'accepted', opId: state.op?.opId, note: 'switchover begins' });
    assert.equal(state.op?.intent?.intent.kind, 'stop');
  });

  test('of several nodes with a free priority failback goes to the lowest', () => {
    const nodes = [nodeRules('c'), nodeRules('b'), nodeRules('a', { priority: 0 })];
    const view = viewOf({ a: 'down', b: 'down', c: 'up' });
    const state = activeState({
      rules: serviceRules({ nodes }),
      service: { active: 'c' },
      grant: { node: 'c', epoch: 1, revoked: false },
      breadcrumbs: { a: down(), b: down(), c: { kind: 'maybe', version: 2, epoch: 1 } },
      local: { view },
    });
    assert.equal(at(state, request({ kind: 'failback', reason: 'x' })).state.op?.to, 'b');
  });
});

describe('confirm-down', () => {
  const word: MachineCommand = { kind: 'confirmDown', node: 'a', reason: 'unplugged', version: 2 };
  const gone = viewOf({ a: 'gone', b: 'down' });

  test('records the person and the reason and revokes the grant, but does not take the place of a failover', () => {
    const { state } = at(
      activeState({ rules: serviceRules({ automatic: false }), local: { view: gone } }),
      request(word),
    );
    const crumb = state.breadcrumbs.a;
    assert.ok(crumb?.kind === 'down' && crumb.how === 'confirmed by ann: unplugged' && crumb.version === 3);
    // The node stays the one to fail over from: a word must not cancel the failover that follows it.
    assert.deepEqual([state.service.active, state.grant?.revoked], ['a', true]);
  });

  test('continues an operation that is blocked on the proof, and the target starts', () => {
    const rules = serviceRules({ nodes: [nodeRules('a', { fenceLevels: 0 }), nodeRules('b')] });
    const blocked = at(activeState({ rules }), { kind: 'seen', view: gone });
    assert.equal(blocked.state.op?.blocked?.rule, 'S20.no-fence-ladder');
    const { state } = at(blocked.state, request(word));
    assert.equal(state.op?.intent?.intent.kind, 'start');
    assert.equal(state.op?.blocked, null);
  });

  test('is refused for a node whose start is under way, where no word can be true for long', () => {
    const started = at(
      activeState({ ...IDLE, local: { view: viewOf({ a: 'down', b: 'down' }) } }),
      request({ kind: 'switchover', from: null, to: 'a', reason: 'x' }),
    );
    assert.equal(started.state.op?.intent?.intent.kind, 'start');
    const version = started.state.breadcrumbs.a?.version ?? 0;
    assert.equal(replyTo(started.state, { ...word, version }), 'S17.start-in-flight');
  });
});

describe('maintenance', () => {
  test('of a service makes every proof void, and moves nothing while it lasts', () => {
    const on = at(
      STATES.active,
      request({ kind: 'maintenance', on: true, node: null, reason: 'x', expiresAfterMs: 9e9 }),
    );
    assert.deepEqual(
      Object.values(on.state.breadcrumbs).map(({ kind }) => kind),
      ['unknown', 'unknown'],
    );
    const dead = at(on.state, { kind: 'seen', view: viewOf({ a: 'down', b: 'down' }) });
    assert.deepEqual([dead.state.op, dead.effects.map(({ kind }) => kind)], [null, ['alert']]);
  });

  test('ends with the adoption of the one instance that runs', () => {
    const off = at(
      STATES.maintenance,
      request({ kind: 'maintenance', on: false, node: null, reason: 'x', expiresAfterMs: 0 }),
    );
    assert.deepEqual([off.state.op?.kind, off.state.op?.to], ['adopt', 'a']);
  });

  test('ends without a start when nothing runs, and is refused when two run', () => {
    const end = { kind: 'maintenance', on: false, node: null, reason: 'x', expiresAfterMs: 0 } as const;
    const none = activeState({ service: { maintenance: WORK }, local: { view: viewOf({ a: 'down', b: 'down' }) } });
    const ended = at(none, request(end));
    assert.deepEqual([ended.state.op, ended.state.service.active], [null, null]);
    const two = activeState({ service: { maintenance: WORK }, local: { view: viewOf({ a: 'up', b: 'up' }) } });
    assert.equal(replyTo(two, end), 'adopt.two-running');
  });

  test('of a standby ends with an acknowledged stop of that node alone', () => {
    // Whatever was proven while people worked there.
    for (const crumb of [down(2), { kind: 'unknown', version: 3, why: 'work' } as const]) {
      const state = activeState({
        service: { nodeMaintenance: { b: WORK } },
        breadcrumbs: { a: { kind: 'maybe', version: 2, epoch: 1 }, b: crumb },
      });
      const ending = at(state, request({ kind: 'maintenance', on: false, node: 'b', reason: 'x', expiresAfterMs: 0 }));
      const { intent } = ending.state.op?.intent ?? {};
      assert.deepEqual([ending.state.op?.kind, intent?.kind, intent?.node], ['release', 'stop', 'b']);
    }
  });
});
