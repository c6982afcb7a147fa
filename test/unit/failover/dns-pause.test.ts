// A DNS write that failed or was put off is paused for the names it had. Other names wait for nobody: the answer without a node
// that died, an early cutover, and the way back from one (S28).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DnsIntent } from '../../../src/failover/intent.ts';
import type { DnsOutcome, MachineEvent } from '../../../src/failover/machine-event.ts';
import { EMPTY_LOCAL_STATE, EMPTY_SERVICE_RECORD, type MachineState } from '../../../src/failover/service-state.ts';
import { activeState, at, dnsFailure, nodeRules, request, serviceRules, viewOf } from './machine-fixture.ts';

const PUT_OFF: DnsOutcome = { kind: 'deferred', retryAfterMs: 240_000, reason: 'kept for failovers' };
const SAME_TTLS = { steadyMs: 60_000, suspectMs: 60_000, followsSuspicion: false };

/** A machine that is driven event by event, and every write it has asked for. */
class Driven {
  state: MachineState;
  readonly writes: DnsIntent[] = [];
  #nowMs = 200_000;

  constructor(state: MachineState) {
    this.state = state;
  }

  /** Returns the last write that this event led to. */
  take(event: MachineEvent, afterMs = 100): DnsIntent | null {
    this.#nowMs += afterMs;
    const { state, effects } = at(this.state, event, this.#nowMs);
    this.state = state;
    const asked = effects.flatMap((effect) => (effect.kind === 'writeDns' ? [effect.intent] : []));
    this.writes.push(...asked);
    return asked.at(-1) ?? null;
  }

  endWrite(outcome: DnsOutcome): DnsIntent | null {
    return this.take({ kind: 'dns', seq: this.state.service.dns.pending?.seq ?? -1, outcome });
  }

  endIntent(kind: 'done' | 'failed'): DnsIntent | null {
    const seq = this.state.op?.intent?.seq ?? -1;
    return this.take({ kind: 'result', seq, outcome: { kind, reason: 'told', evidence: {} } });
  }
}

function activeBoth(): Driven {
  const rules = serviceRules({
    exclusive: false,
    repairsDrift: true,
    nodes: ['a', 'b'].map((id) => nodeRules(id)),
    ttl: SAME_TTLS,
    activeActive: { minHealthy: 1, slowStartMs: 0, weights: { a: 1, b: 1 } },
  });
  const records = { breadcrumbs: {}, grant: null, op: null, tail: null };
  const service = { ...EMPTY_SERVICE_RECORD, epoch: 1 };
  const set = new Driven({ rules, ...records, service, local: EMPTY_LOCAL_STATE });
  set.take({ kind: 'takeover', term: 1, view: viewOf({ a: 'up', b: 'up' }) });
  for (let round = 0; round < 10; round += 1) {
    set.take({ kind: 'seen', view: viewOf({ a: 'up', b: 'up' }, { revision: 20 + round }) }, 30_000);
    if (set.state.service.dns.pending !== null) set.endWrite({ kind: 'applied' });
  }
  return set;
}

function earlyMove(): Driven {
  const dns = {
    confirmed: { node: 'a', level: 'settling', epoch: 1, seq: 1 } as const,
    pending: null,
    unconfirmed: [],
    seq: 1,
  };
  const rules = serviceRules({ cutover: 'early', hasSorry: true, ttl: SAME_TTLS });
  return new Driven(activeState({ rules, service: { settling: true, dns } }));
}

/** The active dies, and the operation comes as far as the start of the target. */
function failOver(move: Driven): void {
  for (let revision = 300; revision < 330 && move.state.op?.phase !== 'START_NEW'; revision += 1) {
    if (move.state.op?.intent != null) move.endIntent('done');
    else move.take({ kind: 'seen', view: viewOf({ a: 'gone', b: 'down' }, { revision }) }, 500);
  }
  assert.equal(move.state.op?.phase, 'START_NEW');
}

describe('the pause after a DNS write', () => {
  const FIRST_ENDS: readonly [name: string, outcome: DnsOutcome][] = [
    ['put off by the budget', PUT_OFF],
    ['refused until a person mends it', dnsFailure('none', { isRetryable: false })],
  ];
  for (const [name, outcome] of FIRST_ENDS) {
    test(`the answer without a dead node does not wait for the one before, which was ${name}`, () => {
      const set = activeBoth();
      const seq = set.state.service.dns.confirmed?.seq ?? -1;
      const mended = set.take({ kind: 'dnsLook', seq, found: { kind: 'drift', reason: 'edited', isMendable: true } });
      assert.deepEqual(
        mended?.answers?.map(({ node }) => node),
        ['a', 'b'],
      );
      assert.equal(set.endWrite(outcome), null);
      assert.equal(set.take({ kind: 'tick' }, 1_000), null, 'the same names wait');
      const next = set.take({ kind: 'seen', view: viewOf({ a: 'up', b: 'gone' }, { revision: 100 }) });
      assert.deepEqual(next?.answers, [{ node: 'a', weight: 1 }]);
    });
  }

  test('an early cutover does not wait for a TTL that was put off', () => {
    const move = earlyMove();
    for (let revision = 20; revision < 100 && move.writes.length === 0; revision += 1)
      move.take({ kind: 'seen', view: viewOf({ a: 'up', b: 'down' }, { revision }) }, 1_000);
    assert.deepEqual([move.writes[0]?.node, move.writes[0]?.level], ['a', 'steady']);
    move.endWrite(PUT_OFF);
    failOver(move);
    assert.equal(move.writes.at(-1)?.node, 'b');
  });

  test('the way back from an early cutover starts without waiting', () => {
    const move = earlyMove();
    failOver(move);
    assert.equal(move.writes.at(-1)?.node, 'b');
    move.endWrite(dnsFailure('unknown', { retryAfterMs: 300_000 }));
    const writes = move.writes.length;
    move.endIntent('failed');
    for (let round = 0; round < 10 && move.writes.length === writes; round += 1) {
      if (move.state.op?.intent != null) move.endIntent('done');
      else move.take({ kind: 'tick' });
    }
    assert.deepEqual([move.writes.length, move.writes.at(-1)?.node], [writes + 1, null], 'the address that says sorry');
  });

  test('another TTL of the same names waits: a suspicion that comes and goes uses up no calls', () => {
    const service = { settling: true };
    const suspicious = new Driven(activeState({ service }));
    assert.equal(suspicious.take({ kind: 'tick' })?.level, 'settling');
    suspicious.endWrite(PUT_OFF);
    const doubted = viewOf({ a: 'up', b: 'down' }, { suspected: ['a'], revision: 20 });
    assert.equal(suspicious.take({ kind: 'seen', view: doubted }), null);
    assert.equal(suspicious.take({ kind: 'tick' }, 240_000)?.level, 'suspect');
  });

  test('the TTL of what is in force waits too when other names were refused: nothing would be named anew', () => {
    const untilMonoMs = 9_000_000;
    const wish = { node: 'b', level: 'suspect', epoch: 2 } as const;
    const dnsPause = { untilMonoMs, wish, why: 'refused' };
    const state = activeState({ service: { settling: true }, local: { dnsPause } });
    assert.equal(new Driven(state).take({ kind: 'tick' }), null);
    const dns = { ...state.service.dns, unconfirmed: [{ ...dnsPause.wish, seq: 2 }], seq: 2 };
    const doubtful = new Driven({ ...state, service: { ...state.service, dns } });
    assert.deepEqual([doubtful.take({ kind: 'tick' })?.node, doubtful.writes.length], ['a', 1], 'b may be in force');
  });

  test('a planned move whose TTL is put off for too long says why, and blames no provider (S34)', () => {
    const rules = serviceRules({ ttl: { steadyMs: 3_600_000, suspectMs: 5_000, followsSuspicion: true } });
    const move = new Driven(activeState({ rules }));
    const command = { kind: 'switchover', from: null, to: 'b', reason: 'x' } as const;
    move.take(request(command));
    assert.equal(move.state.op?.phase, 'TTL_LOWER');
    move.endWrite(PUT_OFF);
    const { state, effects } = at(move.state, { kind: 'tick' }, 300_000);
    assert.equal(state.op, null);
    assert.match(JSON.stringify(effects), /the TTL could not be lowered: kept for failovers/);
  });
});
