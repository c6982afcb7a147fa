// A DNS write waits for its turn with its wish: it is made when the turn comes, and given up when the wish has changed.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemoryProvider } from '../../../providers/memory/index.ts';
import { MemoryZones } from '../../../providers/memory/memory-zones.ts';
import { performInTurn, reviewTurn } from '../../../src/controller/perform-in-turn.ts';
import { SweepSlots } from '../../../src/controller/sweep-slots.ts';
import { WriteTurns } from '../../../src/controller/write-turns.ts';
import type { MachineEvent } from '../../../src/failover/machine-event.ts';
import type { MachineState } from '../../../src/failover/service-state.ts';
import { activeState } from '../failover/machine-fixture.ts';
import { createBench, holdTerm } from './controller-bench.ts';

const INTENT = { node: 'a', level: 'steady', epoch: 1, seq: 1 } as const;

async function openLine() {
  const bench = await createBench();
  const { tenure } = await holdTerm(bench);
  const zones = new MemoryZones();
  const provider = () => createMemoryProvider({ name: 'memory', zones });
  const events: MachineEvent[] = [];
  const performer = {
    deps: { ...bench.deps, ports: { ...bench.deps.ports, provider } },
    tenure,
    sweeps: new SweepSlots(),
    writes: new Map(),
    report: (event: MachineEvent) => void events.push(event),
  };
  const turns = new WriteTurns(bench.clock);
  const leaves: (() => void)[] = [];
  for (const service of ['1', '2', '3', '4']) {
    const enter = (leave: () => void) => void leaves.push(leave);
    turns.queue({ service, priority: 'failover', enter, leaveLine: () => undefined });
  }
  const state = activeState({ service: { dns: { confirmed: null, pending: INTENT, unconfirmed: [], seq: 1 } } });
  performInTurn(performer, {
    effect: { kind: 'writeDns', intent: INTENT, unconfirmed: [] },
    state,
    turnsAt: () => turns,
  });
  const leave = async () => {
    leaves[0]?.();
    await bench.clock.advance(50);
  };
  return { ...{ bench, turns, events, zones, state, leave } };
}

describe('performInTurn', () => {
  test('waits behind others and writes when one of them is done', async () => {
    const { bench, events, leave } = await openLine();
    await bench.clock.advance(15_000);
    assert.deepEqual(events, [], 'its deadline has not begun');
    await leave();
    assert.deepEqual(events, [{ kind: 'dns', seq: 1, outcome: { kind: 'applied' } }]);
  });

  test('what is not wanted any more is never sent, and the machine may wish at once', async () => {
    const { turns, events, zones, state, leave } = await openLine();
    reviewTurn(turns, state);
    assert.equal(events.length, 0, 'nothing has changed');
    const failedOver: MachineState = {
      ...state,
      grant: { node: 'b', epoch: 2, revoked: false },
      service: { ...state.service, active: 'b', epoch: 2 },
    };
    reviewTurn(turns, failedOver);
    const event = events.at(0);
    assert.ok(event?.kind === 'dns');
    assert.partialDeepStrictEqual(event.outcome, { kind: 'deferred', retryAfterMs: 0 });
    await leave();
    assert.deepEqual([events.length, zones.list('ha.example.com.')], [1, []]);
  });

  test('a line that does not move is told', async () => {
    const { bench, events } = await openLine();
    await bench.clock.advance(60_000);
    const [event] = events;
    assert.ok(event?.kind === 'dns' && event.outcome.kind === 'failed');
    assert.equal(event.outcome.applied, 'none');
    assert.match(event.outcome.reason, /before it/);
  });
});
