// A service whose name is kept at two providers, as the controller and those who only read see it: each write and each question goes
// to its own place, and what one provider does not say hides nothing of the other.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemoryProvider } from '../../../providers/memory/index.ts';
import { MemoryZones } from '../../../providers/memory/memory-zones.ts';
import { askPropagation } from '../../../src/controller/ask-propagation.ts';
import { performInTurn } from '../../../src/controller/perform-in-turn.ts';
import { planOf, readPlanSnapshot } from '../../../src/controller/read-plan.ts';
import { parsePlanSnapshot } from '../../../src/controller/read-plan-snapshot.ts';
import { readRecord } from '../../../src/controller/read-record.ts';
import { readSecond } from '../../../src/controller/read-second.ts';
import { serviceRulesFromConfig } from '../../../src/controller/service-rules-from-config.ts';
import { SweepSlots } from '../../../src/controller/sweep-slots.ts';
import { watchDnsDrift } from '../../../src/controller/watch-dns-drift.ts';
import { WriteTurns } from '../../../src/controller/write-turns.ts';
import type { MachineEvent } from '../../../src/failover/machine-event.ts';
import { EMPTY_SERVICE_RECORD, type MachineState } from '../../../src/failover/service-state.ts';
import { SECOND, simConfig, ZONE } from '../../sim/sim-config.ts';
import { activeState } from '../failover/machine-fixture.ts';
import { createBench, holdTerm } from './controller-bench.ts';

const NAMES_A = { node: 'a', level: 'steady', epoch: 1, seq: 4 } as const;
const NAMES_B = { ...NAMES_A, node: 'b', epoch: 2, seq: 5 } as const;
const EMPTY = { confirmed: null, pending: null, unconfirmed: [], seq: 4 };

async function open({ isFarReachable = true } = {}) {
  const bench = await createBench();
  const { tenure } = await holdTerm(bench);
  const config = simConfig(['p1', 'p2', 'p3'], ['a', 'b'], { restarts: false, hasSecond: true });
  const [service] = config.services;
  assert.ok(service !== undefined);
  const rules = serviceRulesFromConfig(config, service);
  const zones = { builtin: new MemoryZones(), far: new MemoryZones() };
  const provider = (name: string) =>
    createMemoryProvider({
      name,
      zones: name === SECOND.name ? zones.far : zones.builtin,
      faults: { isReachable: () => name !== SECOND.name || isFarReachable },
    });
  const asked: string[] = [];
  const ports = {
    ...bench.deps.ports,
    provider,
    askNameServer: async ({ server, type }: { server: { host: string }; type: string }) => {
      asked.push(server.host);
      const held = server.host === SECOND.server ? zones.far : zones.builtin;
      const values = held.list(ZONE).find((rrset) => rrset.type === type)?.values ?? [];
      return { kind: 'answer', values, ttlSeconds: 1 } as const;
    },
  };
  const events: MachineEvent[] = [];
  const deps = { ...bench.deps, config, ports };
  const report = (event: MachineEvent) => void events.push(event);
  const performer = { deps, tenure, sweeps: new SweepSlots(), writes: new Map(), report };
  const state = (first: object, second: object): MachineState =>
    activeState({
      rules,
      service: {
        dns: { ...EMPTY, ...first },
        seconds: { [rules.second?.place ?? '']: { dns: { ...EMPTY, ...second }, dnsProblem: null } },
      },
    });
  return { bench, config, service, zones, performer, deps, events, asked, state };
}

const typesIn = (zones: MemoryZones) => zones.list(ZONE).map(({ type, values }) => `${type} ${values.join()}`);

describe('a service at two providers', () => {
  test('a write of the second goes there, waits for a turn there, and is reported as its own', async () => {
    const { bench, zones, performer, events, state } = await open();
    const lines: string[] = [];
    const turnsAt = (name: string) => {
      lines.push(name);
      return name === SECOND.name ? new WriteTurns(bench.clock) : null;
    };
    const effect = { kind: 'writeDns', intent: NAMES_A, unconfirmed: [], isSecond: true } as const;
    performInTurn(performer, { effect, state: state({}, { pending: NAMES_A }), turnsAt });
    await bench.clock.advance(50);
    assert.deepEqual(lines, [SECOND.name]);
    const [event] = events;
    assert.ok(event?.kind === 'dns' && event.isSecond === true && event.outcome.kind === 'applied');
    assert.equal(zones.builtin.list(ZONE).length, 0);
    assert.match(typesIn(zones.far).join(), /seq=4/);
    assert.deepEqual([...performer.writes.keys()], ['web second']);
  });

  test('each write names what its own provider had', async () => {
    const { bench, zones, performer, events, state } = await open();
    const effect = { kind: 'writeDns', unconfirmed: [] } as const;
    const turnsAt = () => null;
    performInTurn(performer, {
      effect: { ...effect, intent: NAMES_A },
      state: state({ pending: NAMES_A }, {}),
      turnsAt,
    });
    await bench.clock.advance(50);
    // The second one was never written: for it, nothing stands there, whatever the first one holds.
    const after = state({ confirmed: NAMES_A, seq: 5, pending: NAMES_B }, { pending: NAMES_B, seq: 5 });
    performInTurn(performer, { effect: { ...effect, intent: NAMES_B }, state: after, turnsAt });
    performInTurn(performer, { effect: { ...effect, intent: NAMES_B, isSecond: true }, state: after, turnsAt });
    await bench.clock.advance(50);
    const outcomes = events.map((event) => (event.kind === 'dns' ? event.outcome.kind : event.kind));
    assert.deepEqual(outcomes, ['applied', 'applied', 'applied']);
    assert.deepEqual(typesIn(zones.far).sort(), typesIn(zones.builtin).sort());
  });

  test('the servers of both are asked for the answer of the first, and a second that is behind is named', async () => {
    const { bench, zones, performer, events, asked, state } = await open();
    const effect = { kind: 'writeDns', unconfirmed: [] } as const;
    const turnsAt = () => null;
    performInTurn(performer, {
      effect: { ...effect, intent: NAMES_A },
      state: state({ pending: NAMES_A }, {}),
      turnsAt,
    });
    await bench.clock.advance(50);
    assert.equal(events.length, 1);
    assert.equal(zones.far.list(ZONE).length, 0);
    const written = state({ confirmed: NAMES_A }, {});
    const answer = async (at: MachineState) => {
      const asking = askPropagation(performer, at);
      await bench.clock.advance(60_000);
      return asking;
    };
    const late = await answer(written);
    assert.ok(asked.includes(SECOND.server));
    assert.ok(
      late.laggards.some((name) => name.includes(SECOND.server)),
      late.laggards.join(),
    );
    assert.equal(late.horizonMonoMs, null);
    const [place = ''] = Object.keys(written.service.seconds ?? {});
    const problem = { rule: 'dns.write-failed', reason: 'no', remedy: 'wait' } as const;
    const failing = {
      ...written,
      service: { ...written.service, seconds: { [place]: { dns: EMPTY, dnsProblem: problem } } },
    };
    assert.ok((await answer(failing)).laggards.includes(`provider ${SECOND.name}, which was not written`));
  });

  test('a provider that cannot be read hides nothing of the other', async () => {
    for (const isFarReachable of [true, false]) {
      const { deps, service } = await open({ isFarReachable });
      const { signal } = new AbortController();
      const read = { ...deps, provider: deps.ports.provider };
      const report = await readRecord(read, service, { to: null, signal });
      assert.deepEqual([report.provider, report.holds], ['builtin', []]);
      assert.equal(report.second?.provider, SECOND.name);
      assert.deepEqual(report.second?.holds, isFarReachable ? [] : null);
      assert.equal(report.second?.problem === null, isFarReachable);
    }
  });

  test('status tells what the second holds, and whether it is what the first has', async () => {
    const { config, state } = await open();
    const behind = readSecond(config, state({ confirmed: NAMES_B }, { confirmed: NAMES_A }));
    assert.deepEqual([behind?.provider, behind?.addresses.length, behind?.differs], [SECOND.name, 1, true]);
    const level = { ...NAMES_B, level: 'suspect' } as const;
    assert.equal(
      readSecond(config, state({ confirmed: level }, { confirmed: NAMES_B }))?.differs,
      false,
      'a TTL is none',
    );
  });

  test('the second is looked at on its own schedule, also while a tail waits for the first', async () => {
    const { config, deps, service, state } = await open();
    const fires: (() => void)[] = [];
    const told: object[] = [];
    const waiting = { ...state({}, { confirmed: NAMES_A }), tail: {} as MachineState['tail'] };
    watchDnsDrift({
      deps: {
        ...deps,
        config,
        ports: {
          ...deps.ports,
          onSchedule: (_, fire) => {
            fires.push(fire);
            return () => undefined;
          },
        },
      },
      signal: new AbortController().signal,
      services: [service],
      stateOf: () => waiting,
      tell: (_, look) => told.push(look),
    });
    assert.equal(fires.length, 1, 'our own zone is nobody else’s');
    fires[0]?.();
    await new Promise((resolve) => setImmediate(resolve));
    const [look] = told as { seq: number; isSecond?: boolean }[];
    assert.deepEqual([look?.seq, look?.isSecond], [4, true]);
  });

  test('a saved plan is read back as it was, with the wait for the longer TTL', async () => {
    const { deps, service, config } = await open();
    const whole = await readPlanSnapshot(deps, service, 0);
    const rules = serviceRulesFromConfig(config, service);
    assert.ok(rules.second !== undefined);
    const slow = { ...rules.second, ttl: { ...rules.second.ttl, steadyMs: 90_000 } };
    const named = { dns: { ...EMPTY, confirmed: NAMES_A }, dnsProblem: null };
    const record = { ...EMPTY_SERVICE_RECORD, active: 'a', dns: named.dns, seconds: { [slow.place]: named } };
    const key = deps.keys.service('web');
    const saved = { ...whole, rules: { ...rules, second: slow }, records: { ...whole.records, [key]: record } };
    const read = parsePlanSnapshot(JSON.stringify(saved), 'plan.json');
    assert.deepEqual(read.rules, saved.rules);
    assert.ok((planOf(read).planned.ttlLowerMs ?? 0) >= 90_000);
    const flat = { ...read, rules: { ...read.rules, ttl: { ...rules.ttl, steadyMs: rules.ttl.suspectMs } } };
    assert.ok((planOf(flat).planned.ttlLowerMs ?? 0) >= 90_000, 'also where the first has nothing to lower');
  });
});
