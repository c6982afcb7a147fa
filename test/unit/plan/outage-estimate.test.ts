// The sum of promise P2: every term by its name, and that the total is what the terms say.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type OutageInput, type OutageTermName, outageEstimate } from '../../../src/plan/outage-estimate.ts';

const INPUT: OutageInput = {
  check: { intervalMs: 5_000, timeoutMs: 3_000, fall: 3, rise: 2, minDownMs: 5_000, recheckMs: 250 },
  probers: 3,
  exclusive: true,
  contactTimeoutMs: 5_000,
  stopTimeoutMs: 60_000,
  fenceTimeoutsMs: [30_000, 60_000],
  startTimeoutMs: 120_000,
  verifyTimeoutMs: 120_000,
  ttl: { steadySeconds: 20, suspectSeconds: 5, followsSuspicion: true },
  controller: { sessionTtlMs: 15_000, killTimeMs: 1_000, startupGraceMs: 15_000 },
  measured: { stopMs: 400, fenceMs: 0, startMs: 2_000 },
};

function term(name: OutageTermName, patch: Partial<OutageInput> = {}) {
  const found = outageEstimate({ ...INPUT, ...patch }).terms.find((candidate) => candidate.name === name);
  assert.ok(found !== undefined);
  return { typicalMs: found.typicalMs, worstMs: found.worstMs };
}

describe('outageEstimate', () => {
  test('names every term of P2 in the order in which they happen', () => {
    const names = outageEstimate(INPUT).terms.map(({ name }) => name);
    assert.deepEqual(names, ['detection', 'stop', 'fence', 'start', 'verify', 'dns', 'ttl']);
  });

  test('sums what its terms say', () => {
    const { terms, typicalMs, worstMs } = outageEstimate(INPUT);
    assert.equal(
      worstMs,
      terms.reduce((sum, each) => sum + each.worstMs, 0),
    );
    assert.equal(typicalMs, 833 + 5_000 + 400 + 0 + 2_000 + 250 + 50 + 5_000);
  });

  test('detection: minDown bounds the quick case, timeouts the slow one', () => {
    assert.deepEqual(term('detection'), { typicalMs: 5_833, worstMs: 5_000 + 3_000 + 5_250 + 6_000 });
    const eager = { ...INPUT.check, minDownMs: 500, recheckMs: 250 };
    assert.deepEqual(term('detection', { check: eager }), { typicalMs: 1_333, worstMs: 5_000 + 3_000 + 750 + 6_000 });
  });

  test('stop and fence fall away for what may run twice (S21)', () => {
    assert.deepEqual(term('stop', { exclusive: false }), { typicalMs: 0, worstMs: 0 });
    assert.deepEqual(term('fence', { exclusive: false }), { typicalMs: 0, worstMs: 0 });
    assert.deepEqual(term('stop'), { typicalMs: 400, worstMs: 65_000 });
    assert.deepEqual(term('fence'), { typicalMs: 0, worstMs: 90_000 });
  });

  test('behind an API clients hold what was published before, and the provider takes its time', () => {
    const ttl = { steadySeconds: 60, suspectSeconds: 5, followsSuspicion: false };
    assert.deepEqual(term('ttl', { ttl }), { typicalMs: 60_000, worstMs: 60_000 });
    assert.deepEqual(term('ttl'), { typicalMs: 5_000, worstMs: 20_000 });
    assert.deepEqual(term('dns', { ttl }), { typicalMs: 1_000, worstMs: 70_000 });
  });

  test('what was never measured is named and left out of the typical sum', () => {
    const { unmeasured, typicalMs } = outageEstimate({
      ...INPUT,
      measured: { stopMs: 400, fenceMs: 0, startMs: null },
    });
    assert.deepEqual(unmeasured, ['start']);
    assert.equal(typicalMs, outageEstimate(INPUT).typicalMs - 2_000);
  });

  test('actions that are not configured cost nothing', () => {
    assert.deepEqual(term('start', { startTimeoutMs: null }), { typicalMs: 0, worstMs: 0 });
    assert.deepEqual(term('stop', { stopTimeoutMs: null }), { typicalMs: 0, worstMs: 0 });
    assert.deepEqual(term('fence', { fenceTimeoutsMs: [] }), { typicalMs: 0, worstMs: 0 });
  });

  test('clients hold the steady TTL at worst and the suspect TTL otherwise', () => {
    assert.deepEqual(term('ttl'), { typicalMs: 5_000, worstMs: 20_000 });
  });

  test('a controller lost in the same fault adds twice its ttl, kill time and grace', () => {
    assert.equal(outageEstimate(INPUT).controllerLostMs, 30_000 + 1_000 + 15_000);
  });
});
