// Interleavings that once ended badly: a proof that became doubtful while nobody led, an answer to an older question, a wait
// without an end, a word that cancelled a failover. Each is told as a short story.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { IntentOutcome } from '../../../src/failover/machine-event.ts';
import type { MachineState } from '../../../src/failover/service-state.ts';
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

const DONE: IntentOutcome = { kind: 'done', reason: 'exit code 0', evidence: {} };
const FAILED: IntentOutcome = { kind: 'failed', reason: 'exit code 1', evidence: {} };
const DEAD = viewOf({ a: 'down', b: 'down' });

function pendingSeq(state: MachineState): number {
  const seq = state.op?.intent?.seq;
  assert.ok(seq !== undefined, `an intent must be pending in ${state.op?.phase}`);
  return seq;
}

/** Failover from a to b up to the START INTENT of b. */
function starting(rules = serviceRules()): MachineState {
  const planned = at(activeState({ rules }), { kind: 'seen', view: DEAD }).state;
  assert.equal(planned.op?.intent?.intent.kind, 'stop');
  const { state } = at(planned, { kind: 'result', seq: pendingSeq(planned), outcome: DONE });
  assert.equal(state.op?.intent?.intent.kind, 'start');
  return state;
}

/** The same, with b started and seen up by the quorum in this operation. */
function verified(): MachineState {
  const began = starting();
  const started = at(began, { kind: 'result', seq: pendingSeq(began), outcome: DONE }).state;
  assert.equal(started.op?.phase, 'VERIFY_NEW');
  const stamp = { opId: started.op?.opId ?? '', epoch: started.op?.epoch ?? 0 };
  return at(started, { kind: 'seen', view: viewOf({ a: 'down', b: 'up' }, { revision: 20, stamp }) }, 101_000).state;
}

describe('takeover of a START INTENT', () => {
  test('is not repeated when the old node answers again meanwhile; the proof is gained anew (S19)', () => {
    const view = viewOf({ a: 'up', b: 'down' }, { revision: 30 });
    const { state, effects } = at(starting(), { kind: 'takeover', term: 2, view });
    const runs = effects.flatMap((effect) => (effect.kind === 'run' ? [effect.intent.kind] : []));
    assert.deepEqual(runs, ['stop'], 'a is stopped again, and b is not started');
    assert.equal(state.breadcrumbs.a?.kind, 'unknown');
  });

  test('is repeated under the same step when every proof still holds', () => {
    const { effects } = at(starting(), { kind: 'takeover', term: 2, view: DEAD });
    const [run] = effects.flatMap((effect) => (effect.kind === 'run' ? [effect] : []));
    assert.equal(run?.intent.kind, 'start');
    assert.equal(run?.intent.step, starting().op?.intent?.intent.step);
  });
});

describe('VERIFY_NEW', () => {
  const answer = (role: 'active' | 'starting', epoch: number) =>
    ({ kind: 'status', node: 'b', role, epoch, reason: '' }) as const;

  test('an answer that was asked for another epoch is no answer', () => {
    const { state } = at(verified(), { kind: 'answer', question: 'status:b:1', answer: answer('active', 1) }, 101_100);
    assert.equal(state.op?.phase, 'VERIFY_NEW', 'the healthy target must not fail on it');
    const right = at(verified(), { kind: 'answer', question: 'status:b:2', answer: answer('active', 2) }, 101_100);
    assert.equal(right.state.service.active, 'b');
  });

  test('has its whole time again when it was paused for its age and a person lets it go on (S34)', () => {
    const begun = starting(serviceRules({ opMaxAgeMs: 10_000 }));
    const started = at(begun, { kind: 'result', seq: pendingSeq(begun), outcome: DONE }).state;
    const paused = at(started, { kind: 'tick' }, 115_000).state;
    assert.equal(paused.op?.blocked?.rule, 'S34.operation-too-old');
    const command = { kind: 'continue', opId: paused.op?.opId ?? '', reason: 'seen' } as const;
    const goesOn = at(paused, request(command), 500_000).state;
    assert.deepEqual([goesOn.op?.phase, goesOn.op?.blocked], ['VERIFY_NEW', null]);
    const waits = at(goesOn, { kind: 'tick' }, 509_000).state;
    assert.deepEqual([waits.op?.phase, waits.op?.blocked], ['VERIFY_NEW', null]);
    assert.equal(at(waits, { kind: 'tick' }, 511_000).state.op?.blocked?.rule, 'S34.operation-too-old', 'as old again');
  });

  test('a status that never leaves starting ends with verifyTimeout (S33)', () => {
    const waiting = at(verified(), { kind: 'answer', question: 'status:b:2', answer: answer('starting', 2) }, 101_100);
    assert.equal(waiting.effects.length, 0, 'it is not asked again in the same breath');
    const again = at(waiting.state, { kind: 'tick' }, 101_400);
    assert.equal(again.effects.filter(({ kind }) => kind === 'ask').length, 1);
    const ended = at(waiting.state, { kind: 'tick' }, 140_000);
    assert.ok(ended.journal.some((entry) => /its status did not say active/.test(entry.text)));
    assert.notEqual(ended.state.op?.phase, 'VERIFY_NEW');
  });
});

test('the propagation of an older cutover does not end the tail of this one (S31)', () => {
  const done = at(
    verified(),
    {
      kind: 'answer',
      question: 'status:b:2',
      answer: { kind: 'status', node: 'b', role: 'active', epoch: 2, reason: '' },
    },
    101_100,
  ).state;
  const cut = at(
    done,
    { kind: 'dns', seq: done.service.dns.pending?.seq ?? 0, outcome: { kind: 'applied' } },
    101_200,
  ).state;
  // The TTL level that was on its way first, then the cutover itself.
  const written = at(
    cut,
    { kind: 'dns', seq: cut.service.dns.pending?.seq ?? 0, outcome: { kind: 'applied' } },
    101_300,
  ).state;
  assert.equal(written.tail?.phase, 'PROPAGATE');
  const answer = { kind: 'propagation', laggards: [], horizonMonoMs: 0 } as const;
  assert.equal(
    at(written, { kind: 'answer', question: 'propagation:1', answer }, 101_400).state.tail?.phase,
    'PROPAGATE',
  );
  assert.equal(at(written, { kind: 'answer', question: 'propagation:2', answer }, 101_400).state.tail, null);
});

describe('DNS without a wish of its own', () => {
  const unknown = { node: 'b', level: 'settling', epoch: 2, seq: 2 } as const;
  const confirmed = { node: 'a', level: 'steady', epoch: 1, seq: 1 } as const;

  test('goes on with the newest write that may be in force, never back to the node before it (S28)', () => {
    const dns = { confirmed, pending: null, unconfirmed: [unknown], seq: 2 };
    const { state } = at(activeState({ service: { active: null, dns } }), { kind: 'tick' });
    assert.equal(state.service.dns.pending?.node, 'b');
    const maintenance = { reason: 'x', actor: 'ann', sinceWallMs: 0, expiresAfterMs: 1e9 };
    const handsOff = at(activeState({ service: { active: 'b', maintenance, dns } }), { kind: 'tick' });
    assert.notEqual(handsOff.state.service.dns.pending?.node, 'a');
  });
});

describe('what only prepares a standby', () => {
  test('ends when its node does not acknowledge a stop, instead of holding the place of a failover (S10)', () => {
    const failed = { b: failedMark('x', 'it was fenced') };
    const state = activeState({
      service: { failed },
      breadcrumbs: { a: { kind: 'maybe', version: 2, epoch: 1 }, b: { kind: 'unknown', version: 1, why: 'x' } },
    });
    const began = at(state, request({ kind: 'rejoin', node: 'b', reason: 'x' })).state;
    const ended = at(began, { kind: 'result', seq: pendingSeq(began), outcome: FAILED });
    assert.equal(ended.state.op, null);
    assert.equal(ended.history[0]?.outcome, 'failed');
    assert.match(ended.history[0]?.summary ?? '', /confirm-down/);
  });

  test('never stops the node that is active by now', () => {
    const failed = { a: failedMark('x', 'it was fenced') };
    assert.equal(
      replyTo(activeState({ service: { failed } }), { kind: 'rejoin', node: 'a', reason: 'x' }),
      'node.is-active',
    );
    const entry = { reason: 'x', actor: 'ann', sinceWallMs: 0, expiresAfterMs: 1e9 };
    const marked = activeState({ service: { nodeMaintenance: { a: entry } } });
    const command = { kind: 'maintenance', on: false, node: 'a', reason: 'x', expiresAfterMs: 1 } as const;
    const { state, effects } = at(marked, request(command));
    assert.equal(state.op, null);
    assert.deepEqual(
      effects.map(({ kind }) => kind),
      ['reply'],
    );
  });
});

test('the word that the active is down is followed by the failover, not instead of it (S17)', () => {
  const held = at(activeState({ rules: serviceRules({ automatic: false }) }), { kind: 'seen', view: DEAD }).state;
  const told = at(held, request({ kind: 'confirmDown', node: 'a', reason: 'unplugged', version: 2 })).state;
  assert.equal(told.service.active, 'a');
  const allowed = at(told, { kind: 'rules', rules: serviceRules() }, 200_000);
  assert.equal(allowed.state.op?.kind, 'automatic');
  const [run] = allowed.effects.flatMap((effect) => (effect.kind === 'run' ? [effect.intent] : []));
  assert.deepEqual([run?.kind, run?.node], ['start', 'b'], 'a is proven down already, so b is started at once');
});

describe('a node that joins a running service (S7)', () => {
  const rules = serviceRules({ nodes: [nodeRules('a'), nodeRules('b'), nodeRules('c', { priority: 1 })] });
  const joining = activeState({
    rules,
    breadcrumbs: { a: { kind: 'maybe', version: 2, epoch: 1 }, b: down(), c: { kind: 'joining', version: 0 } },
  });

  test('is no candidate and is not asked for proof', () => {
    const view = viewOf({ a: 'down', b: 'down', c: 'down' });
    const planned = at(joining, { kind: 'seen', view }).state;
    assert.equal(planned.op?.to, 'b', 'not c, although its priority is higher');
    const { state } = at(planned, { kind: 'result', seq: pendingSeq(planned), outcome: DONE });
    assert.deepEqual([state.op?.intent?.intent.kind, state.op?.intent?.intent.node], ['start', 'b']);
  });

  test('that answers as active is one instance too many and must be proven down', () => {
    const { state } = at(joining, { kind: 'seen', view: viewOf({ a: 'up', b: 'down', c: 'up' }) });
    assert.equal(state.breadcrumbs.c?.kind, 'unknown');
  });

  test('joins by rejoin, with an acknowledged stop', () => {
    const state = { ...joining, local: { ...joining.local, view: viewOf({ a: 'up', b: 'down', c: 'down' }) } };
    const began = at(state, request({ kind: 'rejoin', node: 'c', reason: 'new' })).state;
    assert.deepEqual([began.op?.intent?.intent.kind, began.op?.intent?.intent.node], ['stop', 'c']);
    const ended = at(began, { kind: 'result', seq: pendingSeq(began), outcome: DONE });
    assert.equal(ended.state.breadcrumbs.c?.kind, 'down');
    assert.equal(ended.history[0]?.outcome, 'done');
  });
});

test('a blocked operation is told again while it stays blocked (S34)', () => {
  const rules = serviceRules({
    nodes: [nodeRules('a', { fenceLevels: 0, actions: { ...nodeRules('a').actions, stop: null } }), nodeRules('b')],
  });
  const blocked = at(activeState({ rules }), { kind: 'seen', view: DEAD });
  assert.equal(blocked.state.op?.blocked?.rule, 'S20.no-fence-ladder');
  const alerts = (effects: readonly { readonly kind: string }[]) =>
    effects.filter(({ kind }) => kind === 'alert').length;
  const soon = at(blocked.state, { kind: 'tick' }, 101_000);
  assert.equal(alerts(soon.effects), 0);
  assert.equal(alerts(at(soon.state, { kind: 'tick' }, 402_000).effects), 1);
});

test('an age that was written down counts on in the next term (S36)', () => {
  const state = activeState({ service: { cooldown: { opId: 'x', agedMs: 3_590_000 } } });
  const taken = at(state, { kind: 'takeover', term: 2, view: viewOf({ a: 'up', b: 'down' }) }).state;
  assert.equal(at(taken, { kind: 'tick' }, 105_000).state.service.cooldown?.opId, 'x');
  assert.equal(at(taken, { kind: 'tick' }, 111_000).state.service.cooldown, null, 'ten seconds were left, not an hour');
  const young = activeState({
    service: { cooldown: { opId: 'x', agedMs: 0 } },
    local: { firstSeenMonoMs: { x: 100_000 } },
  });
  assert.equal(at(young, { kind: 'tick' }, 401_000).state.service.cooldown?.agedMs, 301_000);
});

test('when nobody can be started nothing but the failed target is stopped (S20)', () => {
  const rules = serviceRules({ nodes: [nodeRules('a'), nodeRules('b'), nodeRules('c', { priority: 0 })] });
  const breadcrumbs = { a: { kind: 'maybe', version: 2, epoch: 1 }, b: down(), c: down() } as const;
  const planned = at(activeState({ rules, breadcrumbs }), {
    kind: 'seen',
    view: viewOf({ a: 'down', b: 'down', c: 'down' }),
  }).state;
  const started = at(planned, { kind: 'result', seq: pendingSeq(planned), outcome: DONE }).state;
  const doubt = {
    ...started,
    breadcrumbs: { ...started.breadcrumbs, c: { kind: 'unknown', version: 9, why: 'x' } as const },
  };
  const failing = at(doubt, { kind: 'result', seq: pendingSeq(doubt), outcome: FAILED }).state;
  assert.deepEqual([failing.op?.intent?.intent.kind, failing.op?.intent?.intent.node], ['stop', 'b']);
  const ended = at(failing, { kind: 'result', seq: pendingSeq(failing), outcome: DONE });
  assert.equal(ended.state.op, null);
  assert.equal(ended.history[0]?.outcome, 'failed');
});

test('an operation that is too old is shown as blocked, takes in what it waited for, and goes on by the word of a person (S34)', () => {
  const planned = at(activeState(), { kind: 'seen', view: DEAD }).state;
  assert.equal(at(planned, { kind: 'tick' }, 100_000 + 1_700_000).state.op?.blocked, null);
  const old = at(planned, { kind: 'tick' }, 100_000 + 1_900_000);
  assert.equal(old.state.op?.blocked?.rule, 'S34.operation-too-old');
  assert.equal(old.effects.filter(({ kind }) => kind === 'alert').length, 1);
  const { state } = at(old.state, { kind: 'result', seq: pendingSeq(old.state), outcome: DONE }, 2_000_001);
  assert.equal(state.op?.phase, 'STOP_OLD');
  assert.equal(state.breadcrumbs.a?.kind, 'down');
  assert.equal(state.op?.blocked?.rule, 'S34.operation-too-old');
  const command = { kind: 'continue', opId: state.op?.opId ?? '', reason: 'seen' } as const;
  assert.equal(at(state, request(command), 2_000_002).state.op?.phase, 'START_NEW');
});

describe('an adoption that was cut off with its controller', () => {
  /** `b` is to be adopted, everything else is proven down; the record of it is under way. */
  function adopting(): MachineState {
    const view = viewOf({ a: 'down', b: 'up' });
    const breadcrumbs = { a: down(), b: { kind: 'unknown', version: 3, why: 'test' } } as const;
    const state = activeState({ service: { active: null }, grant: null, breadcrumbs, local: { view } });
    const begun = at(state, request({ kind: 'adopt', node: 'b', reason: 'test' })).state;
    assert.equal(begun.op?.intent?.intent.kind, 'adopt');
    return begun;
  }

  const KILLED: IntentOutcome = { kind: 'killed', reason: 'the controller ended', evidence: {} };

  test('is recorded again while every proof holds', () => {
    const begun = adopting();
    const { state } = at(begun, { kind: 'result', seq: pendingSeq(begun), outcome: KILLED });
    assert.equal(state.op?.intent?.intent.kind, 'adopt');
  });

  test('is not recorded beside a node whose proof has become doubtful; it is proven anew (S11, S19)', () => {
    const begun = adopting();
    const both = viewOf({ a: 'up', b: 'up' }, { revision: 30 });
    const seen = at(begun, { kind: 'seen', view: both }).state;
    assert.equal(seen.breadcrumbs.a?.kind, 'unknown');
    const { state } = at(seen, { kind: 'result', seq: pendingSeq(seen), outcome: KILLED });
    assert.deepEqual([state.op?.intent?.intent.kind, state.op?.intent?.intent.node], ['stop', 'a']);
  });
});
