// A record that somebody else changed is mended where the configuration asks for it, but a mend names nobody who may have been
// fenced since, and writes nothing into the middle of an operation (S27, S28).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DnsIntent } from '../../../src/failover/intent.ts';
import { EMPTY_LOCAL_STATE, EMPTY_SERVICE_RECORD, type MachineState } from '../../../src/failover/service-state.ts';
import type { StepResult } from '../../../src/failover/step.ts';
import { activeState, at, down, failedMark, nodeRules, serviceRules, viewOf } from './machine-fixture.ts';

const TTL = { steadyMs: 60_000, suspectMs: 60_000, followsSuspicion: false };
const RULES = serviceRules({ repairsDrift: true, hasSorry: true, ttl: TTL });
const FOUND = { kind: 'drift', reason: 'the name points at a maintenance page', isMendable: true } as const;
const CONFIRMED: DnsIntent = { node: 'a', level: 'steady', epoch: 1, seq: 1 };

function look(state: MachineState, nowMs?: number): StepResult {
  return at(state, { kind: 'dnsLook', seq: state.service.dns.confirmed?.seq ?? -1, found: FOUND }, nowMs);
}

function named({ effects }: StepResult): readonly (string | null)[] {
  return effects.flatMap((effect) => (effect.kind === 'writeDns' ? [effect.intent.node] : []));
}

function unassigned(dns: Partial<MachineState['service']['dns']> = {}): MachineState {
  return activeState({
    rules: RULES,
    service: {
      active: null,
      failed: { a: failedMark('x', 'fenced') },
      dns: { confirmed: CONFIRMED, pending: null, unconfirmed: [], seq: 1, ...dns },
    },
    grant: null,
    breadcrumbs: { a: down(3), b: down() },
    local: { view: viewOf({ a: 'gone', b: 'down' }) },
  });
}

describe('a look that finds another hand', () => {
  test('the answer that still holds is written again', () => {
    assert.deepEqual(named(look(activeState({ rules: RULES }))), ['a']);
  });

  test('without an active node it is only told: the one that is named was fenced', () => {
    const result = look(unassigned());
    assert.deepEqual(named(result), []);
    assert.equal(result.state.service.dnsProblem?.rule, 'S27.dns-drift');
    assert.match(result.state.service.dnsProblem.remedy, /^Find out who changed it/);
  });

  test('the address that says sorry is nobody, and is mended', () => {
    assert.deepEqual(named(look(unassigned({ confirmed: { ...CONFIRMED, node: null } }))), [null]);
  });

  test('one that began before a failover writes nothing into it', () => {
    let { state } = at(activeState({ rules: RULES }), {
      kind: 'seen',
      view: viewOf({ a: 'gone', b: 'down' }, { revision: 50 }),
    });
    const phases: string[] = [];
    for (let round = 0; round < 30 && state.op?.phase !== 'START_NEW'; round += 1) {
      const nowMs = 200_000 + round * 1_000;
      assert.deepEqual(named(look(state, nowMs)), [], `in ${state.op?.phase}`);
      phases.push(state.op?.phase ?? 'none');
      const seq = state.op?.intent?.seq;
      const view = viewOf({ a: 'gone', b: 'down' }, { revision: 60 + round });
      const outcome = { kind: 'done', reason: 'told', evidence: {} } as const;
      state = at(state, seq === undefined ? { kind: 'seen', view } : { kind: 'result', seq, outcome }, nowMs).state;
    }
    assert.equal(state.op?.phase, 'START_NEW', phases.join(' '));
    assert.deepEqual(named(look(state, 300_000)), []);
  });

  test('a mend that was put off is not done once its node was given up', () => {
    assert.deepEqual(named(at(unassigned({ unconfirmed: [CONFIRMED] }), { kind: 'tick' })), []);
    const sorry = { ...CONFIRMED, node: null };
    assert.deepEqual(
      named(at(unassigned({ confirmed: sorry, unconfirmed: [sorry] }), { kind: 'tick' })),
      [null],
      'what names nobody is settled',
    );
  });

  test('a set of which no node is verified any more is left as it is', () => {
    const rules = serviceRules({
      exclusive: false,
      repairsDrift: true,
      nodes: [nodeRules('a')],
      ttl: TTL,
      activeActive: { minHealthy: 1, slowStartMs: 0, weights: { a: 1 } },
    });
    const confirmed: DnsIntent = { ...CONFIRMED, node: null, answers: [{ node: 'a', weight: 1 }] };
    const dns = { confirmed, pending: null, unconfirmed: [], seq: 1 };
    const service = { ...EMPTY_SERVICE_RECORD, epoch: 1, dns };
    const local = { ...EMPTY_LOCAL_STATE, term: 1, view: viewOf({ a: 'gone' }) };
    const state = { rules, breadcrumbs: {}, grant: null, op: null, tail: null, service, local };
    assert.deepEqual(named(look(state)), []);
    assert.equal(look(state).state.service.dnsProblem?.rule, 'S27.dns-drift');
  });
});
