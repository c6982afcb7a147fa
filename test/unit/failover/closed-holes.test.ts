// Holes that were found by trying to break the machine, each closed: the shortest way that led through it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MachineCommand } from '../../../src/failover/machine-command.ts';
import type { MachineState } from '../../../src/failover/service-state.ts';
import type { StepResult } from '../../../src/failover/step.ts';
import {
  activeState,
  at,
  down,
  failedMark,
  nodeRules,
  replyTo,
  request,
  serviceRules,
  viewOf,
} from './machine-fixture.ts';

const ACTIONS = {
  start: 10_000,
  stop: 8_000,
  status: null,
  precheck: null,
  sync: null,
  resync: 5_000,
  drain: null,
  undrain: null,
};
const MAINTENANCE = { reason: 'disk', actor: 'ann', sinceWallMs: 0, expiresAfterMs: 1_000_000_000 };

function nodes(ids: readonly string[], change: Partial<typeof ACTIONS> | Record<string, number> = {}) {
  return ids.map((id) => nodeRules(id, { actions: { ...ACTIONS, ...change } }));
}

function ask(state: MachineState, command: MachineCommand, atMs?: number): StepResult {
  return at(state, request(command), atMs);
}

function ended(state: MachineState, kind: 'done' | 'failed' | 'timeout' = 'done', atMs?: number): StepResult {
  const seq = state.op?.intent?.seq ?? -1;
  return at(state, { kind: 'result', seq, outcome: { kind, reason: 'told', evidence: {} } }, atMs);
}

function intents({ effects }: StepResult): readonly string[] {
  return effects.flatMap((effect) => (effect.kind === 'run' ? [`${effect.intent.kind} ${effect.intent.node}`] : []));
}

const LOST = viewOf({ a: 'down', b: 'down' }, { revision: 20 });

describe('closed holes', () => {
  test('1: nothing is started whose grant has ended', () => {
    const rules = serviceRules({ restart: { attempts: 1, perMs: 600_000 } });
    const stopping = at(activeState({ rules }), { kind: 'seen', view: LOST });
    assert.deepEqual(intents(stopping), ['stop a']);
    const told = ask(stopping.state, { kind: 'confirmDown', node: 'a', version: 2, reason: 'it burnt' });
    const next = ended(told.state);
    if (intents(next).includes('start a')) assert.equal(next.state.breadcrumbs.a?.kind, 'maybe');
  });

  test('2: a rejoin goes on when no failover can begin', () => {
    const rules = serviceRules({ nodes: nodes(['a', 'b']) });
    const state = activeState({ rules, service: { failed: { b: failedMark('x', 'fenced') } } });
    const lost = at(state, { kind: 'seen', view: LOST }).state;
    assert.equal(lost.service.refusal?.rule, 'candidate.none');
    const begun = ask(lost, { kind: 'rejoin', node: 'b', reason: 'repaired' });
    assert.deepEqual(intents(begun), ['resync b']);
  });

  test('3: a node in maintenance in the way is told once, not on every tick', () => {
    const rules = serviceRules({ nodes: ['a', 'b', 'c'].map((id) => nodeRules(id)) });
    let { state } = at(
      activeState({
        rules,
        breadcrumbs: {
          a: { kind: 'maybe', version: 2, epoch: 1 },
          b: down(),
          c: { kind: 'unknown', version: 3, why: 'x' },
        },
        service: { nodeMaintenance: { c: MAINTENANCE } },
        local: { view: viewOf({ a: 'gone', b: 'down', c: 'gone' }) },
      }),
      { kind: 'tick' },
    );
    state = ended(state).state;
    const before = state.op?.journalSeq;
    for (let n = 1; n <= 20; n += 1) state = at(state, { kind: 'tick' }, 100_000 + n * 50).state;
    assert.equal(state.op?.journalSeq, before);
  });

  test('4: a confirmed death beside a drill that only looks is failed over', () => {
    const rules = serviceRules({ coldStart: false, nodes: nodes(['a', 'b'], { precheck: 5_000 }) });
    const silent = viewOf({ a: ['silent', 'silent', 'down'], b: 'down' });
    const looking = ask(activeState({ rules, local: { view: silent } }), {
      kind: 'drill',
      live: false,
      to: null,
      holdMs: 0,
      reason: 'x',
    });
    const told = ask(looking.state, { kind: 'confirmDown', node: 'a', version: 2, reason: 'it burnt' });
    const { state } = at(told.state, { kind: 'seen', view: LOST }, 200_000);
    assert.equal(state.op?.kind, 'automatic');
  });

  test('5: a planned move waits for no TTL of a node that has died', () => {
    const rules = serviceRules({ ttl: { steadyMs: 3_600_000, suspectMs: 5_000, followsSuspicion: true } });
    const waiting = ask(activeState({ rules }), { kind: 'switchover', from: null, to: 'b', reason: 'x' });
    assert.equal(waiting.state.op?.phase, 'TTL_LOWER');
    const { state } = at(waiting.state, { kind: 'seen', view: LOST }, 110_000);
    assert.notEqual(state.op?.phase, 'TTL_LOWER');
  });

  test('6: a joining node is no candidate before its resync has ended, and can be asked to rejoin again', () => {
    const rules = serviceRules({ nodes: nodes(['a', 'b']) });
    const joining = activeState({
      rules,
      breadcrumbs: { a: { kind: 'maybe', version: 2, epoch: 1 }, b: { kind: 'joining', version: 0 } },
    });
    const stopped = ended(ask(joining, { kind: 'rejoin', node: 'b', reason: 'new' }).state);
    assert.deepEqual(intents(stopped), ['resync b']);
    const { state } = ended(stopped.state, 'failed');
    assert.notEqual(replyTo(state, { kind: 'switchover', from: null, to: 'b', reason: 'x' }), 'accepted');
    assert.equal(replyTo(state, { kind: 'rejoin', node: 'b', reason: 'again' }), 'accepted');
  });

  test('7: a live drill is possible in an open failback window', () => {
    const rules = serviceRules({ failback: 'window' });
    const { state } = at(activeState({ rules }), { kind: 'failbackWindow', openForMs: 600_000 });
    assert.equal(replyTo(state, { kind: 'drill', live: true, to: null, holdMs: 1_000, reason: 'x' }), 'accepted');
  });

  test('8: an abort that is accepted ends what it names, and the same is not planned again at once', () => {
    const rules = serviceRules({ nodes: nodes(['a', 'b'], { precheck: 5_000 }) });
    const { state } = at(activeState({ rules }), { kind: 'seen', view: LOST });
    const command = { kind: 'abort', opId: state.op?.opId ?? '', reason: 'x' } as const;
    if (replyTo(state, command) === 'accepted') assert.equal(ask(state, command).state.op, null);
  });

  test('9: the time of a freeze is not the age of the operation', () => {
    const begun = ask(activeState(), { kind: 'switchover', from: null, to: 'b', reason: 'x' });
    const frozen = ended(ask(begun.state, { kind: 'freeze', on: true, reason: 'x' }).state);
    assert.equal(frozen.state.op?.blocked?.rule, 'S35.frozen');
    const { state } = ask(frozen.state, { kind: 'freeze', on: false, reason: 'x' }, 100_000 + 3_600_000);
    assert.notEqual(state.op?.blocked?.rule, 'S34.operation-too-old');
  });

  test('9b: waiting for a proof keeps its reason however long it takes', () => {
    const rules = serviceRules({ nodes: ['a', 'b'].map((id) => nodeRules(id, { fenceLevels: 0 })) });
    const gone = viewOf({ a: 'gone', b: 'down' }, { revision: 20 });
    const blocked = at(activeState({ rules }), { kind: 'seen', view: gone });
    assert.equal(blocked.state.op?.blocked?.rule, 'S20.no-fence-ladder');
    const { state } = at(blocked.state, { kind: 'tick' }, 100_000 + 7_200_000);
    assert.match(state.op?.blocked?.remedy ?? '', /confirm-down/);
  });

  test('10: an active that was drained is undrained when maintenance comes between', () => {
    const rules = serviceRules({ nodes: nodes(['a', 'b'], { drain: 5_000, undrain: 5_000 }) });
    const on = { kind: 'maintenance', on: true, node: null, reason: 'x', expiresAfterMs: 1_000_000 } as const;
    const draining = ask(activeState({ rules }), { kind: 'switchover', from: null, to: 'b', reason: 'x' });
    const held = ended(ask(draining.state, on).state);
    const seen: string[] = [];
    let next = ask(held.state, { ...on, on: false });
    for (let n = 0; n < 6; n += 1) {
      seen.push(...intents(next));
      const { op } = next.state;
      const stamp = op === null ? null : { opId: op.opId, epoch: op.epoch ?? 0 };
      next = next.state.op?.intent
        ? ended(next.state)
        : at(next.state, { kind: 'seen', view: viewOf({ a: 'up', b: 'down' }, { revision: 30 + n, stamp }) });
    }
    assert.ok(seen.includes('undrain a') || replyTo(held.state, { ...on, on: false }) !== 'accepted', seen.join(', '));
  });

  test('11: a cold start that found nobody ready is not planned again and again', () => {
    const rules = serviceRules({ nodes: nodes(['a', 'b'], { precheck: 5_000 }) });
    let { state } = at(
      activeState({
        rules,
        service: { active: null },
        grant: null,
        breadcrumbs: { a: down(3), b: down() },
        local: { view: LOST },
      }),
      { kind: 'tick' },
    );
    const opIds = new Set<string>();
    for (let n = 1; n <= 300; n += 1) {
      const [node] = state.local.asking
        .filter((key) => key.startsWith('precheck:'))
        .map((key) => key.slice('precheck:'.length));
      const answer = { kind: 'precheck', node: node ?? 'a', ok: false, reason: 'not ready', lag: null } as const;
      const event =
        node === undefined
          ? ({ kind: 'tick' } as const)
          : ({ kind: 'answer', question: `precheck:${node}`, answer } as const);
      ({ state } = at(state, event, 100_000 + n * 1_000));
      if (state.op !== null) opIds.add(state.op.opId);
    }
    assert.ok(opIds.size <= 1, `${opIds.size} cold starts were planned`);
  });

  test('12: a rejoin that copies for hours can be ended', () => {
    const rules = serviceRules({ nodes: nodes(['a', 'b', 'c']) });
    const state = activeState({
      rules,
      breadcrumbs: {
        a: { kind: 'maybe', version: 2, epoch: 1 },
        b: { kind: 'unknown', version: 3, why: 'x' },
        c: down(),
      },
      service: { failed: { b: failedMark('x', 'fenced') } },
      local: { view: viewOf({ a: 'up', b: 'down', c: 'down' }) },
    });
    const copying = ended(ask(state, { kind: 'rejoin', node: 'b', reason: 'x' }).state).state;
    assert.equal(copying.op?.phase, 'RESYNC');
    assert.equal(replyTo(copying, { kind: 'abort', opId: copying.op?.opId ?? '', reason: 'x' }), 'accepted');
  });

  test('13: a readiness that was set aside does not end a forced failover', () => {
    const rules = serviceRules({ nodes: nodes(['a', 'b'], { sync: 5_000 }) });
    const begun = ask(activeState({ rules }), {
      kind: 'failover',
      to: 'b',
      overrides: ['S32.precheck-failed'],
      reason: 'x',
    });
    assert.deepEqual(intents(begun), ['sync b']);
    assert.deepEqual(intents(ended(begun.state, 'failed')), ['stop a']);
  });

  test('15: a new term fires no fence while the service is in maintenance', () => {
    const gone = viewOf({ a: 'gone', b: 'down' }, { revision: 20 });
    const fencing = at(activeState(), { kind: 'seen', view: gone });
    assert.deepEqual(intents(fencing), ['fence a']);
    const on = { kind: 'maintenance', on: true, node: null, reason: 'x', expiresAfterMs: 1_000_000 } as const;
    const { state } = ask(fencing.state, on);
    assert.deepEqual(intents(at(state, { kind: 'takeover', term: 2, view: gone }, 200_000)), []);
  });

  test('16: a target that was started a moment ago is looked at once more before anything starts beside it (S17)', () => {
    const asked = ask(activeState(), { kind: 'switchover', from: 'a', to: 'b', reason: 'x' });
    const moved = at(ended(asked.state).state, { kind: 'seen', view: LOST });
    assert.deepEqual(intents(moved), ['start b']);
    const opId = moved.state.op?.opId ?? '';
    const begun = ended(moved.state, 'done', 100_100).state;
    const back = ask(begun, { kind: 'rollback', opId, reason: 'x' }, 100_200);
    assert.deepEqual(intents(back), ['stop b']);
    // The stop says that it is done; the probers have last seen b before it came up.
    const stopped = ended(back.state, 'done', 100_300);
    assert.equal(stopped.state.op?.phase, 'CONFIRM_DOWN');
    assert.deepEqual(intents(stopped), []);
    const seen = at(stopped.state, { kind: 'seen', view: viewOf({ a: 'down', b: 'up' }, { revision: 30 }) }, 100_400);
    assert.notEqual(seen.state.breadcrumbs.b?.kind, 'down', 'its proof is void');
    const later = at(seen.state, { kind: 'tick' }, 130_000);
    assert.ok(![...intents(seen), ...intents(later)].includes('start a'));
    const quiet = at(stopped.state, { kind: 'tick' }, 130_000);
    assert.deepEqual(intents(quiet), ['start a']);
  });

  test('17: who is down by the word of a person is not active while another one is granted the service (I3)', () => {
    const held = { ...MAINTENANCE, reason: 'hands off' };
    const state = activeState({ service: { frozen: held }, local: { view: LOST } });
    const told = ask(state, { kind: 'confirmDown', node: 'a', version: 2, reason: 'it burnt' }).state;
    assert.deepEqual([told.breadcrumbs.a?.kind, told.service.active], ['down', 'a']);
    const free = { ...told, service: { ...told.service, frozen: null } };
    const begun = ask(free, { kind: 'switchover', from: null, to: 'b', reason: 'x' });
    assert.deepEqual(intents(begun), ['start b']);
    assert.equal(begun.state.service.active, null);
  });
});
