// What a new term does first: it forgets what the old one had in mind, repeats what has no result, and treats every DNS write
// without a result as one of unknown outcome.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { activeState, at, request, viewOf } from './machine-fixture.ts';

const VIEW = viewOf({ a: 'up', b: 'down' });
const TAKEOVER = { kind: 'takeover', term: 2, view: VIEW } as const;
const moving = at(activeState(), request({ kind: 'switchover', from: null, to: null, reason: 'x' })).state;

describe('takeOver', () => {
  test('sends a pending intent again under the same step and the same journal entry', () => {
    const { state, effects, journal } = at(moving, TAKEOVER);
    const [run] = effects.flatMap((effect) => (effect.kind === 'run' ? [effect] : []));
    assert.ok(run !== undefined && moving.op?.intent !== null);
    assert.deepEqual([run.seq, run.intent], [moving.op?.intent?.seq, moving.op?.intent?.intent]);
    assert.equal(state.service.step, moving.service.step);
    assert.match(journal[0]?.text ?? '', /^Term 2 takes the operation over in STOP_OLD$/);
  });

  test('the result of what was sent again is taken in as if it had been sent once', () => {
    const { state } = at(moving, TAKEOVER);
    const outcome = { kind: 'done', reason: 'exit code 0', evidence: {} } as const;
    const ended = at(state, { kind: 'result', seq: moving.op?.intent?.seq ?? 0, outcome });
    assert.equal(ended.state.breadcrumbs.a?.kind, 'down');
  });

  test('a pending DNS write becomes unconfirmed, and a higher one is written above it', () => {
    assert.equal(moving.service.dns.pending?.seq, 2);
    const { state, effects } = at(moving, TAKEOVER);
    const [write] = effects.flatMap((effect) => (effect.kind === 'writeDns' ? [effect] : []));
    assert.deepEqual(
      write?.unconfirmed.map(({ seq }) => seq),
      [2],
    );
    assert.equal(state.service.dns.pending?.seq, 3);
  });

  test('forgets questions, prechecks, refused writes and waits of the old term', () => {
    const old = activeState({
      local: {
        asking: ['status:b'],
        prechecks: { b: { ok: true, reason: 'ready', lag: null, atMonoMs: 99_000 } },
        dnsRefused: 'stale',
        stableSinceMonoMs: 1_000,
        fenceRetryAtMonoMs: 9e9,
        dnsPause: { untilMonoMs: 9e9, wish: { node: 'a', level: 'steady', epoch: 1 }, why: 'refused' },
      },
    });
    const { local } = at(old, TAKEOVER).state;
    assert.deepEqual(
      [local.asking, local.prechecks, local.dnsRefused, local.fenceRetryAtMonoMs, local.dnsPause],
      [[], {}, null, 0, null],
    );
    assert.deepEqual([local.term, local.termSinceMonoMs, local.stableSinceMonoMs], [2, 100_000, null]);
  });

  test('decides nothing automatic before its grace has passed', () => {
    const dead = viewOf({ a: 'down', b: 'down' });
    const { state } = at(activeState(), { kind: 'takeover', term: 2, view: dead });
    assert.deepEqual([state.op, state.service.refusal?.rule], [null, 'S9.startup-grace']);
    assert.equal(at(state, { kind: 'tick' }, 102_999).state.op, null);
    assert.equal(at(state, { kind: 'tick' }, 103_000).state.op?.kind, 'automatic');
  });
});
