// What holds of an active-active service after any events in any order (S28, S26): the answer is never empty, names no node that
// was never verified and none that a person took out, and its number never goes back.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { deepFreeze } from '../../../src/base/deep-freeze.ts';
import type { DnsIntent } from '../../../src/failover/intent.ts';
import type { MachineCommand } from '../../../src/failover/machine-command.ts';
import type { DnsOutcome, IntentOutcome, MachineEvent } from '../../../src/failover/machine-event.ts';
import { EMPTY_LOCAL_STATE, EMPTY_SERVICE_RECORD, type MachineState } from '../../../src/failover/service-state.ts';
import { type StepResult, step } from '../../../src/failover/step.ts';
import { dnsFailure, type Look, nodeRules, serviceRules, viewOf } from './machine-fixture.ts';

const NODES = ['a', 'b', 'c'] as const;
const WALL_MS = 1_767_225_600_000;
const RUNS = 300;

type Draft = { readonly afterMs: number; readonly make: (state: MachineState, place: number) => MachineEvent };
type Visit = { readonly before: MachineState; readonly event: MachineEvent; readonly result: StepResult };
type Rules = { readonly minHealthy: number; readonly slowStartMs: number; readonly hasActions: boolean };

const look = fc.constantFrom<Look | readonly [Look, Look, Look]>(
  'up',
  'up',
  'down',
  'gone',
  'silent',
  ['up', 'down', 'down'],
  ['up', 'up', 'down'],
  ['up', 'silent', 'down'],
);
const views = fc.record({ a: look, b: look, c: look });
const node = fc.constantFrom(...NODES);
const reason = 'drawn';
const command: fc.Arbitrary<MachineCommand> = fc.oneof(
  fc.record({ kind: fc.constantFrom('drain' as const, 'undrain' as const), node, reason: fc.constant(reason) }),
  fc.record({ kind: fc.constant('rejoin' as const), node, reason: fc.constant(reason) }),
  fc.record({ kind: fc.constant('freeze' as const), on: fc.boolean(), reason: fc.constant(reason) }),
  fc.record({
    kind: fc.constant('maintenance' as const),
    on: fc.boolean(),
    node: fc.option(node, { nil: null }),
    reason: fc.constant(reason),
    expiresAfterMs: fc.constant(60_000),
  }),
  fc.constant<MachineCommand>({ kind: 'switchover', from: null, to: 'b', reason }),
);
const dnsOutcome: fc.Arbitrary<DnsOutcome> = fc.constantFrom<DnsOutcome>(
  { kind: 'applied' },
  { kind: 'applied' },
  dnsFailure('unknown'),
  dnsFailure('none', { retryAfterMs: 5_000 }),
  { kind: 'drift', reason },
);
const actionOutcome = fc.constantFrom<IntentOutcome['kind']>('done', 'done', 'failed', 'timeout', 'killed');

const drafts: fc.Arbitrary<readonly Draft[]> = fc.array(
  fc.record({
    afterMs: fc.constantFrom(0, 50, 1_000, 5_000, 70_000),
    make: fc.oneof(
      views.map((looks) => (_: MachineState, place: number): MachineEvent => {
        return { kind: 'seen', view: viewOf(looks, { revision: place }) };
      }),
      views.map((looks) => (state: MachineState, place: number): MachineEvent => {
        return { kind: 'takeover', term: state.local.term + 1, view: viewOf(looks, { revision: place }) };
      }),
      fc.constant((): MachineEvent => ({ kind: 'tick' })),
      command.map((wanted) => (_: MachineState, place: number): MachineEvent => {
        return { kind: 'request', id: `r${place}`, version: place, actor: 'ann', command: wanted };
      }),
      dnsOutcome.map((outcome) => (state: MachineState): MachineEvent => {
        return { kind: 'dns', seq: state.service.dns.pending?.seq ?? 0, outcome };
      }),
      actionOutcome.map((kind) => (state: MachineState): MachineEvent => {
        return { kind: 'result', seq: state.op?.intent?.seq ?? 0, outcome: { kind, reason, evidence: {} } };
      }),
      fc.constant((state: MachineState): MachineEvent => {
        const answer = { kind: 'propagation', laggards: [], horizonMonoMs: 0 } as const;
        return { kind: 'answer', question: `propagation:${state.service.epoch}`, answer };
      }),
    ),
  }),
  { minLength: 1, maxLength: 60 },
);
const rules: fc.Arbitrary<Rules> = fc.record({
  minHealthy: fc.integer({ min: 1, max: 3 }),
  slowStartMs: fc.constantFrom(0, 10_000),
  hasActions: fc.boolean(),
});

/** What the written answers rest on, found out from the events alone and not from the machine's records. */
class Witness {
  readonly verified = new Set<string>();
  readonly maintained = new Set<string>();
  readonly drained = new Set<string>();
  answered: DnsIntent['answers'];

  see({ event, result }: Visit): void {
    if (event.kind === 'seen' || event.kind === 'takeover') this.#look(event.view.nodes, result.state);
    if (event.kind !== 'request') return;
    const isAccepted = result.effects.some((effect) => effect.kind === 'reply' && effect.reply.kind === 'accepted');
    const { command: asked } = event;
    if (!isAccepted) return;
    if (asked.kind === 'drain') this.drained.add(asked.node);
    if (asked.kind === 'maintenance' && asked.node !== null) {
      if (asked.on) {
        this.maintained.add(asked.node);
        this.verified.delete(asked.node);
      } else this.maintained.delete(asked.node);
      this.#look(result.state.local.view.nodes, result.state);
    }
  }

  #look(nodes: MachineState['local']['view']['nodes'], state: MachineState): void {
    for (const id of NODES) {
      if (nodes[id]?.up.kind === 'agreed' && !this.maintained.has(id)) this.verified.add(id);
      if (state.service.members?.[id]?.drained === null) this.drained.delete(id);
    }
  }
}

function always(check: (visit: Visit, witness: Witness) => void): void {
  fc.assert(
    fc.property(drafts, rules, (events, drawn) => {
      const witness = new Witness();
      let state = startOf(drawn);
      let monoMs = 10_000;
      for (const [place, { afterMs, make }] of events.entries()) {
        monoMs += afterMs;
        const event = make(state, place + 2);
        const result = step(deepFreeze(state), deepFreeze(event), { monoMs, wallMs: WALL_MS + monoMs });
        const visit = { before: state, event, result };
        witness.see(visit);
        check(visit, witness);
        state = result.state;
      }
    }),
    { numRuns: RUNS },
  );
}

function startOf({ minHealthy, slowStartMs, hasActions }: Rules): MachineState {
  const usual = nodeRules('a').actions;
  const actions = hasActions ? { ...usual, resync: 1_000, drain: 1_000, undrain: 1_000 } : usual;
  const nodes = NODES.map((id) => nodeRules(id, { actions }));
  return {
    rules: serviceRules({
      exclusive: false,
      nodes,
      activeActive: { minHealthy, slowStartMs, weights: { a: 1, b: 2, c: 1 } },
    }),
    service: EMPTY_SERVICE_RECORD,
    breadcrumbs: {},
    grant: null,
    op: null,
    tail: null,
    local: EMPTY_LOCAL_STATE,
  };
}

function writesOf({ effects }: StepResult): readonly DnsIntent[] {
  return effects.flatMap((effect) => (effect.kind === 'writeDns' ? [effect.intent] : []));
}

describe('active-active, whatever happens', () => {
  test('the answer is never empty, and names nobody who was never verified (S28)', () => {
    always(({ result }, { verified }) => {
      for (const { answers } of writesOf(result)) {
        assert.ok(answers !== undefined && answers.length > 0, 'an answer has nodes');
        assert.equal(new Set(answers.map((answer) => answer.node)).size, answers.length);
        for (const { node: id, weight } of answers) {
          assert.ok(Number.isInteger(weight) && weight > 0, `${id} has a weight`);
          assert.ok(verified.has(id), `${id} was never verified, or not since its maintenance`);
        }
      }
    });
  });

  test('a node that a person took out is never named anew', () => {
    always(({ before, result }, { drained, maintained }) => {
      const named = new Set(before.service.dns.pending?.answers?.map((answer) => answer.node));
      const { confirmed, unconfirmed } = before.service.dns;
      for (const { answers = [] } of confirmed === null ? unconfirmed : [confirmed, ...unconfirmed])
        for (const { node: id } of answers) named.add(id);
      for (const { answers = [] } of writesOf(result)) {
        for (const { node: id } of answers) {
          // The last answer stays, by S28 and by S35; nothing that was not in it comes back against a person's word.
          if (named.has(id)) continue;
          assert.ok(!drained.has(id), `${id} is drained`);
          assert.ok(!maintained.has(id), `${id} is in maintenance`);
        }
      }
    });
  });

  test('below minHealthy all verified nodes are named, and from minHealthy on only healthy ones', () => {
    always(({ result }) => {
      const { members = {} } = result.state.service;
      const { rules: own, service } = result.state;
      for (const { answers = [] } of writesOf(result)) {
        if (service.maintenance !== null || service.frozen !== null) continue;
        const isOut = (id: string) => members[id]?.drained != null || service.nodeMaintenance[id] !== undefined;
        const verified = NODES.filter((id) => members[id]?.verified != null && !isOut(id));
        const healthy = verified.filter((id) => members[id]?.isIn);
        if (verified.length === 0) continue;
        const wanted = healthy.length >= (own.activeActive?.minHealthy ?? 1) ? healthy : verified;
        assert.deepEqual(
          answers.map((answer) => answer.node),
          wanted,
        );
      }
    });
  });

  test('nothing is started, stopped or fenced, epoch and seq never go back, and one operation runs at a time', () => {
    always(({ before, result: { state, effects } }) => {
      for (const effect of effects) {
        if (effect.kind !== 'run') continue;
        assert.ok(['resync', 'drain', 'undrain'].includes(effect.intent.kind), effect.intent.kind);
        assert.equal(effect.seq, state.op?.intent?.seq);
      }
      assert.ok(state.service.epoch >= before.service.epoch, 'epoch');
      assert.ok(state.service.step >= before.service.step, 'step');
      assert.ok(state.service.dns.seq >= before.service.dns.seq, 'seq');
      assert.equal(state.tail, null, 'a change of the answer is over at once');
      assert.equal(state.grant, null, 'nothing is granted');
    });
  });

  test('is total, deterministic, and its state is plain JSON', () => {
    always(({ before, event, result }) => {
      if (event.kind !== 'request') return;
      const copy = JSON.parse(JSON.stringify(before)) as MachineState;
      assert.deepEqual(copy, before);
      assert.doesNotThrow(() => JSON.stringify(result.state));
    });
  });
});
