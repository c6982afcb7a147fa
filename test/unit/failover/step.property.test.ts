// What holds of `step` after any events in any order: it never throws, forgets nothing that is a record, goes never back, and
// starts nothing without proof.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { deepFreeze } from '../../../src/base/deep-freeze.ts';
import type { MachineEvent } from '../../../src/failover/machine-event.ts';
import { EMPTY_LOCAL_STATE, EMPTY_SERVICE_RECORD, type MachineState } from '../../../src/failover/service-state.ts';
import { type StepResult, step } from '../../../src/failover/step.ts';
import { questionKey } from '../../../src/failover/transition.ts';
import { type Draft, drafts, NODES, rules } from './draw-events.ts';
import { down } from './machine-fixture.ts';

const WALL_MS = 1_767_225_600_000;

type Visit = {
  readonly before: MachineState;
  readonly event: MachineEvent;
  readonly result: StepResult;
  readonly now: { monoMs: number; wallMs: number };
};

type Start = { readonly exclusive: boolean; readonly isActive: boolean };

/** Nothing was ever started, or `a` is active, named, and alone. */
function startOf({ exclusive, isActive }: Start): MachineState {
  const fresh = { rules: rules(exclusive), service: EMPTY_SERVICE_RECORD, breadcrumbs: {}, grant: null };
  const state = { ...fresh, op: null, tail: null, local: EMPTY_LOCAL_STATE };
  if (!isActive) return state;
  const confirmed = { node: 'a', level: 'steady', epoch: 1, seq: 1 } as const;
  const dns = { confirmed, pending: null, unconfirmed: [], seq: 1 };
  return {
    ...state,
    service: { ...EMPTY_SERVICE_RECORD, epoch: 1, step: 3, crumbVersion: 3, active: 'a', dns },
    breadcrumbs: { a: { kind: 'maybe', version: 3, epoch: 1 }, b: down(1, 1), c: down(2, 1) },
    grant: { node: 'a', epoch: 1, revoked: false },
  };
}

function walk(events: readonly Draft[], start: Start, visit: (visit: Visit) => void): MachineState {
  let state = startOf(start);
  let monoMs = 10_000;
  for (const [place, { afterMs, make }] of events.entries()) {
    monoMs += afterMs;
    const event = make(state, place * 2 + 2);
    const now = { monoMs, wallMs: WALL_MS + monoMs };
    const result = step(deepFreeze(state), deepFreeze(event), now);
    visit({ before: state, event, result, now });
    state = result.state;
  }
  return state;
}

function always(check: (visit: Visit) => void, numRuns = 150): void {
  fc.assert(
    fc.property(drafts, fc.boolean(), fc.boolean(), (events, exclusive, isActive) => {
      walk(events, { exclusive, isActive }, check);
    }),
    { numRuns },
  );
}

describe('step', () => {
  test('is total and deterministic, changes nothing it was given, and its state is plain JSON', () => {
    always(({ before, event, result, now }) => {
      const copy = JSON.parse(JSON.stringify(before)) as MachineState;
      assert.deepEqual(copy, before);
      assert.deepEqual(step(copy, event, now), result);
    }, 60);
  });

  test('epoch, step, seq, breadcrumb versions and the journal never go back', () => {
    always(({ before, result: { state } }) => {
      assert.ok(state.service.epoch >= before.service.epoch, 'epoch');
      assert.ok(state.service.step >= before.service.step, 'step');
      assert.ok(state.service.crumbVersion >= before.service.crumbVersion, 'crumbVersion');
      assert.ok(state.service.dns.seq >= before.service.dns.seq, 'seq');
      assert.ok((state.service.dns.confirmed?.seq ?? 0) >= (before.service.dns.confirmed?.seq ?? 0), 'confirmed');
      for (const [id, crumb] of Object.entries(state.breadcrumbs)) {
        const old = before.breadcrumbs[id];
        assert.ok(old === undefined || crumb.version > old.version || crumb === old, `breadcrumb of ${id}`);
      }
      if (state.op?.opId === before.op?.opId) assert.ok((state.op?.journalSeq ?? 0) >= (before.op?.journalSeq ?? 0));
    });
  });

  test('every intent has a step of its own, above all before it', () => {
    always(({ before, event, result }) => {
      const steps = result.effects.flatMap((effect) => (effect.kind === 'run' ? [effect.intent.step] : []));
      assert.ok(steps.length <= 1, 'one effect at a time');
      if (event.kind !== 'takeover') for (const used of steps) assert.ok(used > before.service.step);
    });
  });

  test('no start and no adoption without a proof for every other node in the records before it', () => {
    always(({ before, event, result }) => {
      if (!before.rules.exclusive || result.state.op?.rules.exclusive === false) return;
      for (const effect of result.effects) {
        if (effect.kind !== 'run' || event.kind === 'takeover') continue;
        if (effect.intent.kind !== 'start' && effect.intent.kind !== 'adopt') continue;
        for (const id of NODES) {
          if (id === effect.intent.node) continue;
          assert.equal(
            result.state.breadcrumbs[id]?.kind,
            'down',
            `${effect.intent.kind} ${effect.intent.node}, ${id}`,
          );
          assert.deepEqual(result.state.local.view.nodes[id]?.answering ?? [], [], `${id} answers`);
        }
        assert.equal(result.state.breadcrumbs[effect.intent.node]?.kind, 'maybe');
      }
    }, 400);
  });

  test('DNS names nobody but a node that was verified', () => {
    fc.assert(
      fc.property(drafts, (events) => {
        const verified = new Set<string>();
        walk(events, { exclusive: true, isActive: false }, ({ before, result }) => {
          const { active, epoch } = result.state.service;
          if (active !== null && before.service.active !== active) {
            assert.equal(before.op?.phase === 'VERIFY_NEW' || result.state.tail !== null, true);
            verified.add(`${active} ${epoch}`);
          }
          for (const effect of result.effects) {
            if (effect.kind === 'writeDns') assert.ok(verified.has(`${effect.intent.node} ${effect.intent.epoch}`));
          }
        });
      }),
      { numRuns: 150 },
    );
  });

  test('an operation is never lost: it is there, it is the tail, or it is history', () => {
    always(({ before, result: { state, history } }) => {
      for (const op of [before.op, before.tail]) {
        if (op === null) continue;
        const places = [state.op, state.tail, ...history.map((entry) => entry.op)].filter(
          (other) => other?.opId === op.opId,
        );
        assert.equal(places.length, 1, `${op.kind} in ${op.phase}`);
      }
    });
  });

  test('an operation without an effect under way says what it waits for, or waits for the probers, a clock or an answer', () => {
    always(({ result: { state } }) => {
      const { op } = state;
      if (op === null || op.intent !== null || op.blocked !== null) return;
      const isAsking = state.local.asking.some(
        (key) =>
          key === questionKey({ kind: 'status', node: op.to ?? '', epoch: op.epoch ?? 0 }) ||
          ['precheck', 'fenceStatus', 'dnsAccess', 'standby'].some((kind) => key.startsWith(kind)),
      );
      assert.ok(isAsking || ['TTL_LOWER', 'CONFIRM_DOWN', 'VERIFY_NEW', 'FENCE'].includes(op.phase), op.phase);
    });
  });

  test('the walks reach what they are meant to reach', () => {
    const reached = new Set<string>();
    const sample = fc.sample(drafts, { numRuns: 1_600, seed: 7 });
    for (const [place, events] of sample.entries()) {
      walk(events, { exclusive: true, isActive: place % 2 === 0 }, ({ result }) => {
        for (const { phase } of result.journal) reached.add(phase);
        for (const effect of result.effects) if (effect.kind === 'run') reached.add(effect.intent.kind);
        for (const { outcome } of result.history) reached.add(outcome);
      });
    }
    const wanted = [
      'PRECHECK',
      'SYNC',
      'TTL_LOWER',
      'DRAIN',
      'UNDRAIN',
      'STOP_OLD',
      'FENCE',
      'CONFIRM_DOWN',
      'GRANT',
      'START_NEW',
      'VERIFY_NEW',
    ];
    wanted.push('TARGET_FAILED', 'RESYNC', 'CUTOVER', 'PROPAGATE', 'POST', 'start', 'adopt', 'fence');
    wanted.push('done', 'aborted', 'failed');
    assert.deepEqual(
      wanted.filter((what) => !reached.has(what)),
      [],
    );
  });
});
