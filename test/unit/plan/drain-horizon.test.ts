// S31 as a table: which server decides until when the old answer may live, and when nobody can say.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DrainInput, drainHorizon, type ServedReport } from '../../../src/plan/drain-horizon.ts';

const WRITTEN = 1_000_000;

function horizon(reports: readonly ServedReport[], patch: Partial<DrainInput> = {}) {
  return drainHorizon({
    writtenAtMonoMs: WRITTEN,
    reports,
    onStale: 'refuse',
    lostAfterMs: 10_000,
    staleAfterMs: 600_000,
    suspectTtlSeconds: 5,
    oldTtlSeconds: 20,
    isForcedWithoutMajority: false,
    bounds: { rho: 0, marginMs: 0 },
    ...patch,
  });
}

function confirmed(server: string, afterMs: number, oldTtlMaxSeconds: number): ServedReport {
  return { kind: 'confirmed', server, confirmedAtMonoMs: WRITTEN + afterMs, oldTtlMaxSeconds };
}

const SILENT: ServedReport = { kind: 'silent', server: 'sin' };

describe('drainHorizon', () => {
  const cases: readonly [what: string, reports: readonly ServedReport[], afterMs: number, decidedBy: string][] = [
    ['without servers the old TTL decides', [], 20_000, 'old TTL'],
    ['a server that never had the old data adds nothing', [confirmed('fra', 100, 0)], 100, 'fra'],
    ['the last server to confirm decides', [confirmed('fra', 100, 20), confirmed('iad', 400, 20)], 20_400, 'iad'],
    [
      'a higher old TTL outweighs an early confirmation',
      [confirmed('fra', 100, 60), confirmed('iad', 400, 5)],
      60_100,
      'fra',
    ],
    [
      'a silent server counts until it is stale, and the suspect TTL',
      [confirmed('fra', 1, 20), SILENT],
      615_000,
      'sin',
    ],
    [
      'a silent secondary counts until SOA expire',
      [SILENT, { kind: 'silentSecondary', server: 'ns2', expireSeconds: 86_400 }],
      86_420_000,
      'ns2',
    ],
  ];
  for (const [what, reports, afterMs, decidedBy] of cases) {
    test(what, () => assert.deepEqual(horizon(reports), { kind: 'known', atMonoMs: WRITTEN + afterMs, decidedBy }));
  }

  test('a silent server with a long old TTL counts from the moment it is lost', () => {
    const result = horizon([SILENT], { oldTtlSeconds: 3_600 });
    assert.deepEqual(result, { kind: 'known', atMonoMs: WRITTEN + 3_610_000, decidedBy: 'sin' });
  });

  test('the wait is long enough for clocks that differ (S2)', () => {
    const result = horizon([confirmed('fra', 0, 20)], { bounds: { rho: 0.01, marginMs: 2_000 } });
    assert.ok(result.kind === 'known');
    assert.equal(result.atMonoMs, WRITTEN + Math.ceil((20_000 * 1.01) / 0.99 + 2_000));
  });

  test('a silent server that serves on makes the horizon unknown, and is named', () => {
    const result = horizon([confirmed('fra', 1, 20), SILENT], { onStale: 'serve' });
    assert.ok(result.kind === 'unknown');
    assert.match(result.reason, /sin/);
    assert.equal(horizon([confirmed('fra', 1, 20)], { onStale: 'serve' }).kind, 'known');
  });

  test('after a forced operation without majority the horizon is unknown', () => {
    assert.equal(horizon([confirmed('fra', 1, 20)], { isForcedWithoutMajority: true }).kind, 'unknown');
  });
});
