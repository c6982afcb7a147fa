// Observations come from the store, where another version or a hand may have written: the parser must not guess.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Observation, parseObservation } from '../../../src/health/observation.ts';

const SAMPLE: Observation = {
  verdict: 'down',
  answering: false,
  reach: 'unreached',
  reason: 'Cannot connect to 192.0.2.10:80: no answer',
  phase: 'connect',
  phases: { resolve: 1.5, connect: 3_000 },
  streak: 3,
  checkedWallMs: 1_790_000_000_000,
  vantage: 'eu',
  stamp: { opId: 'op-1', epoch: 4 },
};

describe('parseObservation', () => {
  test('reads back what was written', () => {
    assert.deepEqual(parseObservation(JSON.stringify(SAMPLE)), { ok: true, value: SAMPLE });
    const { phase, ...passing } = SAMPLE;
    assert.equal(phase, 'connect');
    const up = { ...passing, stamp: null };
    assert.deepEqual(parseObservation(JSON.stringify(up)), { ok: true, value: up });
  });

  test('drops keys it does not know', () => {
    assert.deepEqual(parseObservation(JSON.stringify({ ...SAMPLE, later: 1 })), { ok: true, value: SAMPLE });
  });

  const wrong: readonly (readonly [change: Record<string, unknown>, message: RegExp])[] = [
    [{ verdict: 'sideways' }, /verdict must be one of up, down, unknown, value was "sideways"/],
    [{ verdict: undefined }, /verdict .* value was absent/],
    [{ answering: 'yes' }, /answering must be true or false/],
    [{ reach: null }, /reach must be one of/],
    [{ reason: 5 }, /reason must be text/],
    [{ phase: 'lunch' }, /phase must be one of/],
    [{ phases: [1] }, /phases must be an object/],
    [{ phases: { connect: '1' } }, /phases.connect must be a number/],
    [{ phases: { constructor: 1 } }, /phases must be one of/],
    [{ streak: 1.5 }, /streak must be a whole number/],
    [{ streak: -1 }, /streak must be a whole number/],
    [{ checkedWallMs: null }, /checkedWallMs must be a number/],
    [{ vantage: null }, /vantage must be text/],
    [{ stamp: undefined }, /stamp must be an object/],
    [{ stamp: { opId: 'op-1' } }, /stamp.epoch must be a whole number/],
  ];
  for (const [change, message] of wrong) {
    test(`refuses ${JSON.stringify(change)}`, () => {
      const parsed = parseObservation(JSON.stringify({ ...SAMPLE, ...change }));
      assert.ok(!parsed.ok);
      assert.match(parsed.error, message);
    });
  }

  test('refuses text that is too long, no JSON, or no object', () => {
    for (const text of ['', 'null', '[]', '3', '{', `"${'x'.repeat(20_000)}"`])
      assert.equal(parseObservation(text).ok, false);
  });

  test('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) =>
        assert.equal(typeof parseObservation(text).ok, 'boolean'),
      ),
    );
  });
});
