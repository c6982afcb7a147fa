// Single rules of active-active services: when nothing may change yet, what a changed address means, and what a stale write does.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MachineEvent } from '../../../src/failover/machine-event.ts';
import { EMPTY_LOCAL_STATE, EMPTY_SERVICE_RECORD, type MachineState } from '../../../src/failover/service-state.ts';
import { steadyOf } from '../../../src/failover/steady.ts';
import { type StepResult, step } from '../../../src/failover/step.ts';
import { planDnsWrite } from '../../../src/plan/plan-dns-write.ts';
import { type Look, nodeRules, serviceRules, viewOf } from './machine-fixture.ts';

const WALL_MS = 1_767_225_600_000;
const GRACE_MS = 3_000;

describe('active-active, single rules', () => {
  test('a new term changes nobody before it has seen enough (S9)', () => {
    const taken = at(fresh(), { kind: 'takeover', term: 1, view: viewOf({ a: 'up', b: 'up' }) }, 10_000);
    assert.deepEqual(taken.effects, []);
    const early = at(taken.state, { kind: 'tick' }, 10_000 + GRACE_MS - 1);
    assert.deepEqual(early.state.service.members, undefined);
    const late = at(early.state, { kind: 'tick' }, 10_000 + GRACE_MS);
    assert.deepEqual(namesIn(late), ['a', 'b']);
  });

  test('a node whose address changed was never verified: it leaves, and joins when the new one is seen up (S28)', () => {
    const before = settled({ a: 'up', b: 'up' });
    const moved = { ...before.rules.nodes[1], ...nodeRules('b', { address: '192.0.2.200' }) };
    const rules = { ...before.rules, nodes: [nodeRules('a'), moved] };
    const silent = { ...before, rules, local: { ...before.local, view: viewOf({ a: 'up', b: 'silent' }) } };
    const left = at(silent, { kind: 'tick' }, 60_000);
    assert.deepEqual(namesIn(left), ['a']);
    const written = at(left.state, applied(left), 60_100);
    const seen = at(written.state, { kind: 'seen', view: viewOf({ a: 'up', b: 'up' }) }, 61_000);
    assert.deepEqual(namesIn(seen), ['a', 'b']);
    assert.equal(seen.state.service.members?.b?.verified, '192.0.2.200');
  });

  test('states in one word: active, suspect, degraded, exhausted, blocked by nobody', () => {
    const both = settled({ a: 'up', b: 'up' });
    assert.equal(steadyOf(both), 'active');
    const suspected = { kind: 'seen', view: viewOf({ a: 'up', b: 'up' }, { suspected: ['b'] }) } as const;
    assert.equal(steadyOf(at(both, suspected, 60_000).state), 'suspect');
    assert.equal(steadyOf(at(both, { kind: 'seen', view: viewOf({ a: 'up', b: 'down' }) }, 60_000).state), 'degraded');
    assert.equal(
      steadyOf(at(both, { kind: 'seen', view: viewOf({ a: 'down', b: 'gone' }) }, 60_000).state),
      'exhausted',
    );
    assert.equal(steadyOf(fresh()), 'unassigned');
  });

  test('the TTL is short from the first failing vote, and long again when it is cleared', () => {
    const both = settled({ a: 'up', b: 'up' });
    const suspected = at(both, { kind: 'seen', view: viewOf({ a: 'up', b: 'up' }, { suspected: ['b'] }) }, 60_000);
    assert.deepEqual(levelsIn(suspected), ['suspect']);
    const written = at(suspected.state, applied(suspected), 60_100);
    const cleared = at(written.state, { kind: 'seen', view: viewOf({ a: 'up', b: 'up' }) }, 61_000);
    assert.deepEqual(levelsIn(cleared), ['settling']);
  });

  test('the set of a controller that was overtaken is refused at the name itself (S26)', () => {
    const late = { node: null, level: 'steady', epoch: 1, seq: 4, answers: [{ node: 'b', weight: 1 }] } as const;
    const confirmed = { ...late, seq: 3, answers: [...late.answers, { node: 'a', weight: 1 }] };
    const name = 'web.ha.example.com.';
    const txt = (seq: number) => `"oneup1 cluster=prod service=web generation=1 epoch=1 seq=${seq}"`;
    const current = (seq: number) => [
      { name, type: 'A', ttlSeconds: 20, values: ['192.0.2.97', '192.0.2.98'] } as const,
      { name: `_oneup.${name}`, type: 'TXT', ttlSeconds: 20, values: [txt(seq)] } as const,
    ];
    const input = {
      cluster: 'prod',
      generation: 1,
      service: 'web',
      record: {
        name,
        zone: 'ha.example.com.',
        ttl: { steadySeconds: 20, suspectSeconds: 5, settlingSeconds: 5 },
        sorry: null,
      },
      nodes: [nodeRules('a'), nodeRules('b')],
      intent: late,
      confirmed,
      unconfirmed: [],
      adoptsRecord: false,
      repairsDrift: false,
    };
    assert.equal(planDnsWrite({ ...input, current: current(9) }).kind, 'stale');
    const plan = planDnsWrite({ ...input, current: current(3) });
    assert.equal(plan.kind, 'write');
    const [, change] = plan.kind === 'write' ? plan.write.changes : [];
    assert.deepEqual(change?.after?.values, ['192.0.2.98']);
    const weighted = {
      ...late,
      answers: [
        { node: 'a', weight: 3 },
        { node: 'b', weight: 1 },
      ],
    };
    const other = planDnsWrite({ ...input, intent: weighted, current: current(3) });
    assert.deepEqual(other.kind === 'write' && other.write.changes[1]?.after?.weights, [3, 1]);
    const gone = planDnsWrite({ ...input, nodes: [nodeRules('a')], current: current(3) });
    assert.equal(gone.kind, 'drift', 'a node that is not configured is not named');
  });
});

function fresh(): MachineState {
  return {
    rules: serviceRules({ exclusive: false, activeActive: { minHealthy: 1, slowStartMs: 0, weights: {} } }),
    service: EMPTY_SERVICE_RECORD,
    breadcrumbs: {},
    grant: null,
    op: null,
    tail: null,
    local: EMPTY_LOCAL_STATE,
  };
}

/** Everything is seen and written. */
function settled(looks: Readonly<Record<string, Look>>): MachineState {
  const taken = at(fresh(), { kind: 'takeover', term: 1, view: viewOf(looks) }, 10_000);
  const decided = at(taken.state, { kind: 'tick' }, 10_000 + GRACE_MS);
  return at(decided.state, applied(decided), 10_100 + GRACE_MS).state;
}

function at(state: MachineState, event: MachineEvent, monoMs: number): StepResult {
  return step(state, event, { monoMs, wallMs: WALL_MS + monoMs });
}

function applied({ state }: StepResult): MachineEvent {
  return { kind: 'dns', seq: state.service.dns.pending?.seq ?? 0, outcome: { kind: 'applied' } };
}

function namesIn({ effects }: StepResult): readonly string[] {
  return effects
    .flatMap((effect) => (effect.kind === 'writeDns' ? (effect.intent.answers ?? []) : []))
    .map(({ node }) => node);
}

function levelsIn({ effects }: StepResult): readonly string[] {
  return effects.flatMap((effect) => (effect.kind === 'writeDns' ? [effect.intent.level] : []));
}
