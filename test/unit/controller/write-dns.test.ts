// One DNS write against a provider that answers, refuses, hangs or answers too late: the outcome in the machine's words, and
// nothing written after the right or the time to write has ended.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemoryProvider } from '../../../providers/memory/index.ts';
import { MemoryZones } from '../../../providers/memory/memory-zones.ts';
import { writeDns } from '../../../src/controller/write-dns.ts';
import type { DnsOutcome } from '../../../src/failover/machine-event.ts';
import type { DnsProvider } from '../../../src/ports/dns-provider.ts';
import { ZONE } from '../../sim/sim-config.ts';
import { activeState } from '../failover/machine-fixture.ts';
import { createBench, holdTerm } from './controller-bench.ts';

type Written = {
  readonly outcome: () => DnsOutcome | 'under way';
  readonly pass: (ms: number) => Promise<void>;
  readonly zones: MemoryZones;
};

async function write(wrap: (provider: DnsProvider) => Partial<DnsProvider>, ends = false): Promise<Written> {
  const bench = await createBench();
  const { tenure } = await holdTerm(bench);
  const zones = new MemoryZones();
  const memory = createMemoryProvider({ name: 'memory', zones });
  const provider = { ...memory, ...wrap(memory) };
  const state = activeState({
    service: { dns: { confirmed: null, pending: null, unconfirmed: [], seq: 1 } },
  });
  const performer = {
    deps: { ...bench.deps, ports: { ...bench.deps.ports, provider: () => provider } },
    tenure: ends ? { ...tenure, mayAct: () => false } : tenure,
    report: () => undefined,
  };
  const intent = { node: 'a', level: 'steady', epoch: 1, seq: 1 } as const;
  let outcome: DnsOutcome | 'under way' = 'under way';
  void writeDns(performer, { kind: 'writeDns', intent, unconfirmed: [] }, state).then((ended) => {
    outcome = ended;
  });
  await bench.clock.advance(10);
  return { outcome: () => outcome, pass: (ms) => bench.clock.advance(ms), zones };
}

describe('writeDns', () => {
  test('applied: the address and the ownership are there', async () => {
    const { outcome, zones } = await write(() => ({}));
    assert.deepEqual(outcome(), { kind: 'applied' });
    assert.deepEqual(
      zones
        .list(ZONE)
        .map(({ type }) => type)
        .sort(),
      ['A', 'TXT'],
    );
  });

  test('a provider that hangs ends the write after its time, with unknown outcome', async () => {
    const { outcome, pass } = await write(() => ({ apply: () => new Promise(() => undefined) }));
    await pass(9_000);
    assert.equal(outcome(), 'under way');
    await pass(1_100);
    const ended = outcome();
    assert.ok(ended !== 'under way' && ended.kind === 'failed' && ended.applied === 'unknown');
  });

  test('a list that comes back after the deadline is followed by no write', async () => {
    let answer: () => void = () => undefined;
    const { outcome, pass, zones } = await write(({ list }) => ({
      list: async (zone) => {
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
        return list(zone, { signal: new AbortController().signal });
      },
    }));
    await pass(10_100);
    assert.notEqual(outcome(), 'under way');
    answer();
    await pass(100);
    assert.deepEqual(zones.list(ZONE), []);
  });

  test('without the right to act the provider is not asked', async () => {
    let asked = 0;
    const { outcome } = await write(({ list }) => {
      asked = 0;
      return {
        list: (zone, options) => {
          asked += 1;
          return list(zone, options);
        },
      };
    }, true);
    assert.deepEqual(outcome(), { kind: 'failed', applied: 'none', reason: 'the right to act has ended' });
    assert.equal(asked, 0);
  });

  test('refused again and again by somebody faster: reported, not tried for ever', async () => {
    let tries = 0;
    const { outcome } = await write(() => ({
      apply: async () => {
        tries += 1;
        return { kind: 'conflict', current: [], reason: 'changed' };
      },
    }));
    const ended = outcome();
    assert.ok(ended !== 'under way' && ended.kind === 'failed' && ended.applied === 'none');
    assert.equal(tries, 3);
  });
});
