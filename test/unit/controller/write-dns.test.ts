// One DNS write against a provider that answers, refuses, hangs or answers too late: the outcome in the machine's words, and
// nothing written after the right or the time to write has ended.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applyFailure, unanswered } from '../../../providers/apply-failure.ts';
import { createMemoryProvider } from '../../../providers/memory/index.ts';
import { MemoryZones } from '../../../providers/memory/memory-zones.ts';
import { OneupError } from '../../../src/base/oneup-error.ts';
import type { Config } from '../../../src/config/config.ts';
import { drawJitter } from '../../../src/controller/dns-failure.ts';
import { SweepSlots } from '../../../src/controller/sweep-slots.ts';
import { writeDns } from '../../../src/controller/write-dns.ts';
import type { DnsOutcome } from '../../../src/failover/machine-event.ts';
import { formatOwnership } from '../../../src/plan/ownership.ts';
import type { DnsProvider } from '../../../src/ports/dns-provider.ts';
import { ZONE } from '../../sim/sim-config.ts';
import { activeState } from '../failover/machine-fixture.ts';
import { createBench, holdTerm } from './controller-bench.ts';

type Written = {
  readonly outcome: () => DnsOutcome | 'under way';
  readonly pass: (ms: number) => Promise<void>;
  readonly zones: MemoryZones;
};

async function write(
  wrap: (provider: DnsProvider) => Partial<DnsProvider>,
  { ends = false, kind = 'builtin' }: { readonly ends?: boolean; readonly kind?: 'builtin' | 'route53' } = {},
): Promise<Written> {
  const bench = await createBench();
  const { tenure } = await holdTerm(bench);
  const zones = new MemoryZones();
  const memory = createMemoryProvider({ name: 'memory', zones });
  const provider = { ...memory, ...wrap(memory) };
  const state = activeState({
    service: { dns: { confirmed: null, pending: null, unconfirmed: [], seq: 1 } },
  });
  const performer = {
    deps: {
      ...bench.deps,
      config: atProvider(bench.config, kind),
      ports: { ...bench.deps.ports, provider: () => provider },
    },
    tenure: ends ? { ...tenure, mayAct: () => false } : tenure,
    sweeps: new SweepSlots(),
    writes: new Map(),
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

/** The bench's configuration, with its records at a provider of this kind. */
function atProvider(config: Config, kind: 'builtin' | 'route53'): Config {
  if (kind === 'builtin') return config;
  const far = { kind, name: 'far' } as Config['providers'][number];
  const services = config.services.map((each) => ({ ...each, record: { ...each.record, provider: 'far' } }));
  return { ...config, providers: [...config.providers, far], services };
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

  test('applied at a provider of others: its name for the change goes into the record, for whoever is controller next', async () => {
    const apply: DnsProvider['apply'] = async () => ({ kind: 'applied', changeId: 'C123' });
    const there = await write(() => ({ apply }), { kind: 'route53' });
    assert.deepEqual(there.outcome(), { kind: 'applied', changeId: 'C123' });
    const long = await write(() => ({ apply: async () => ({ kind: 'applied', changeId: 'C'.repeat(300) }) }), {
      kind: 'route53',
    });
    assert.deepEqual(long.outcome(), { kind: 'applied' });
  });

  test('a provider that hangs ends the write after its time, with unknown outcome', async () => {
    const { outcome, pass } = await write(() => ({ apply: () => new Promise(() => undefined) }));
    await pass(9_000);
    assert.equal(outcome(), 'under way');
    await pass(1_100);
    const ended = outcome();
    assert.ok(ended !== 'under way' && ended.kind === 'failed' && ended.applied === 'unknown');
  });

  test('an unknown outcome says whose TXT the write was sent over, so that this one is not forgotten (S27)', async () => {
    const ownership = { cluster: 'sim', service: 'web', generation: 0, epoch: 1, seq: 7 };
    const list: DnsProvider['list'] = async (_zone, { names }) =>
      names.slice(1).map((name) => ({ name, type: 'TXT', ttlSeconds: 60, values: [formatOwnership(ownership)] }));
    const failed = await write(() => ({ list, apply: async () => unanswered('500') }));
    assert.partialDeepStrictEqual(failed.outcome(), { kind: 'failed', applied: 'unknown', foundSeq: 7 });
    const hung = await write(() => ({ list, apply: () => new Promise(() => undefined) }));
    await hung.pass(10_100);
    assert.partialDeepStrictEqual(hung.outcome(), { kind: 'failed', applied: 'unknown', foundSeq: 7 });
  });

  test('a list that comes back after the deadline is followed by no write', async () => {
    let answer: () => void = () => undefined;
    const { outcome, pass, zones } = await write(({ list }) => ({
      list: async (zone) => {
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
        return list(zone, { names: ['app.example.com.'], signal: new AbortController().signal });
      },
    }));
    await pass(10_100);
    // Nothing was sent, so nothing is in doubt (S26).
    assert.partialDeepStrictEqual(outcome(), {
      kind: 'failed',
      applied: 'none',
      code: 'ONEUP_PROVIDER_UNREACHABLE',
    });
    answer();
    await pass(100);
    assert.deepEqual(zones.list(ZONE), []);
  });

  test('without the right to act the provider is not asked', async () => {
    let asked = 0;
    const { outcome } = await write(
      ({ list }) => {
        asked = 0;
        return {
          list: (zone, options) => {
            asked += 1;
            return list(zone, options);
          },
        };
      },
      { ends: true },
    );
    assert.partialDeepStrictEqual(outcome(), { kind: 'failed', applied: 'none', reason: 'the right to act has ended' });
    assert.equal(asked, 0);
  });

  test('a failure brings its code, whether it may succeed later, and what the provider asks to wait', async () => {
    const denied = await write(() => ({
      apply: async () => applyFailure('ONEUP_PROVIDER_DENIED', 'no right to change it', { retryable: false }),
    }));
    assert.partialDeepStrictEqual(denied.outcome(), {
      kind: 'failed',
      code: 'ONEUP_PROVIDER_DENIED',
      isRetryable: false,
      retryAfterMs: null,
    });
    const throttled = await write(() => ({
      list: async () => {
        throw new OneupError('ONEUP_PROVIDER_THROTTLED', 'slow down', { retryAfterMs: 300_000 });
      },
    }));
    assert.partialDeepStrictEqual(throttled.outcome(), {
      kind: 'failed',
      code: 'ONEUP_PROVIDER_THROTTLED',
      isRetryable: true,
      retryAfterMs: 300_000,
    });
    const unknown = await write(() => ({
      list: async () => {
        throw new OneupError('ONEUP_PROVIDER_ZONE_UNKNOWN', 'no such zone');
      },
    }));
    assert.partialDeepStrictEqual(unknown.outcome(), { code: 'ONEUP_PROVIDER_ZONE_UNKNOWN', isRetryable: false });
  });

  test('two failures draw different pauses', async () => {
    const fails = () => ({ apply: async () => applyFailure('ONEUP_PROVIDER_UNREACHABLE', 'no answer') });
    const drawn = ['p1-1', 'p1-2', 'p1-3'].map(drawJitter);
    assert.equal(new Set(drawn).size, 3);
    assert.ok(drawn.every((jitter) => jitter >= 0 && jitter < 1));
    const ended = (await write(fails)).outcome();
    assert.ok(ended !== 'under way' && ended.kind === 'failed' && ended.jitter > 0);
  });

  test('a call that is kept for failovers is put off and no failure', async () => {
    const { outcome } = await write(() => ({
      apply: async () => applyFailure('ONEUP_PROVIDER_BUDGET', 'kept for failovers', { retryAfterMs: 7_000 }),
    }));
    assert.deepEqual(outcome(), { kind: 'deferred', reason: 'kept for failovers', retryAfterMs: 7_000 });
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

  test('refused by somebody faster at a provider of others: five requests at most before the first pause', async () => {
    let tries = 0;
    const apply: DnsProvider['apply'] = async () => {
      tries += 1;
      return { kind: 'conflict', current: [], reason: 'changed' };
    };
    const { outcome } = await write(() => ({ apply }), { kind: 'route53' });
    assert.partialDeepStrictEqual(outcome(), { kind: 'failed', applied: 'none', isRetryable: true });
    assert.equal(tries, 1);
  });
});
