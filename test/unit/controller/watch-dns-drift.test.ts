// The look at managed records on a schedule: one call for each service that is at rest, what it finds, and what it does when the
// provider is away. The record lies at the memory provider, where tests are the somebody else.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemoryProvider } from '../../../providers/memory/index.ts';
import { MemoryZones } from '../../../providers/memory/memory-zones.ts';
import { watchDnsDrift } from '../../../src/controller/watch-dns-drift.ts';
import type { Rrset } from '../../../src/dns/rrset.ts';
import type { DnsFound } from '../../../src/failover/machine-event.ts';
import type { MachineState } from '../../../src/failover/service-state.ts';
import { desiredRrsets } from '../../../src/plan/desired-rrsets.ts';
import { activeState } from '../failover/machine-fixture.ts';
import { createBench } from './controller-bench.ts';

const CONFIRMED = { node: 'a', level: 'steady', epoch: 1, seq: 3 } as const;

async function watching({ isReachable = true, state = {} as Partial<MachineState['service']> } = {}) {
  const bench = await createBench();
  const [service] = bench.config.services;
  assert.ok(service !== undefined);
  const { record, nodes } = service;
  const zones = new MemoryZones();
  let lists = 0;
  const memory = createMemoryProvider({
    name: 'elsewhere',
    zones,
    faults: { isReachable: () => isReachable, fateOfWrite: () => 'answered' },
  });
  const fires: { readonly pattern: string; readonly fire: () => void }[] = [];
  let stops = 0;
  const elsewhere = { name: record.provider, kind: 'rfc2136', driftCron: '*/5 * * * *' };
  const told: { readonly service: string; readonly seq: number; readonly found: DnsFound }[] = [];
  const machine = activeState({
    service: { dns: { confirmed: CONFIRMED, pending: null, unconfirmed: [], seq: 3 }, ...state },
  });
  const stopAll = watchDnsDrift({
    deps: {
      ...bench.deps,
      config: { ...bench.config, providers: [elsewhere] as unknown as typeof bench.config.providers },
      ports: {
        ...bench.deps.ports,
        provider: () => ({
          ...memory,
          list: (zone, options) => {
            lists += 1;
            return memory.list(zone, options);
          },
        }),
        onSchedule: (pattern, fire) => {
          fires.push({ pattern, fire });
          return () => {
            stops += 1;
          };
        },
      },
    },
    signal: new AbortController().signal,
    services: [service],
    stateOf: () => machine,
    tell: (id, { seq, found }) => told.push({ service: id, seq, found }),
  });
  const put = async (change: Partial<Rrset>) => {
    const [answers] = [[{ kind: 'address', address: nodes[0]?.address ?? '' }] as const];
    const ownership = { cluster: bench.config.cluster.name, service: service.id, generation: 1, epoch: 1, seq: 3 };
    const rrsets = desiredRrsets({ name: record.name, answers, weights: null, ttlSeconds: 4, ownership });
    const changes = rrsets.map((rrset) => ({
      before: null,
      after: rrset.type === 'TXT' ? rrset : { ...rrset, ...change },
    }));
    const options = { idempotencyKey: 'test', signal: new AbortController().signal };
    assert.equal((await memory.apply(record.zone, changes, options)).kind, 'applied');
  };
  const tick = async () => {
    for (const { fire } of fires) fire();
    await bench.clock.advance(10);
  };
  return { put, tick, told, fires, stopAll, stops: () => stops, lists: () => lists };
}

describe('watchDnsDrift', () => {
  test('looks when the pattern of the provider says, and ends with the term', async () => {
    const { fires, stopAll, stops } = await watching();
    assert.deepEqual(
      fires.map(({ pattern }) => pattern),
      ['*/5 * * * *'],
    );
    for (const stop of stopAll) stop();
    assert.equal(stops(), 1);
  });

  test('a record as it was written says so, of the write that was in force', async () => {
    const { put, tick, told } = await watching();
    await put({});
    await tick();
    assert.deepEqual(told, [{ service: 'web', seq: 3, found: { kind: 'asWritten' } }]);
  });

  test('an edited record is told with the difference', async () => {
    const { put, tick, told } = await watching();
    await put({ values: ['203.0.113.9'], ttlSeconds: 300 });
    await tick();
    const [found] = told.map((each) => each.found);
    assert.ok(found?.kind === 'drift' && found.isMendable);
    assert.match(found.reason, /A holds 203\.0\.113\.9 in place of 192\.0\.2\./);
  });

  test('while something is being written, or before anything was, nobody looks', async () => {
    const pending = { ...CONFIRMED, seq: 4 };
    for (const dns of [
      { confirmed: CONFIRMED, pending, unconfirmed: [], seq: 4 },
      { confirmed: CONFIRMED, pending: null, unconfirmed: [pending], seq: 4 },
      { confirmed: null, pending: null, unconfirmed: [], seq: 0 },
    ]) {
      const { tick, lists, told } = await watching({ state: { dns } });
      await tick();
      assert.deepEqual([lists(), told], [0, []]);
    }
  });

  test('a provider that is away is asked again at the next time, and says nothing about the record', async () => {
    const { tick, told, lists } = await watching({ isReachable: false });
    await tick();
    await tick();
    assert.deepEqual([told, lists()], [[], 2]);
  });
});
