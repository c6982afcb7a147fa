// Times of a scheduled switchover: what is clear is taken, what could be meant in two ways is refused.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseWhen } from '../../../src/cli/parse-when.ts';

const NOW = Date.parse('2027-02-28T12:00:30Z');

describe('parseWhen', () => {
  for (const [text, expected] of [
    ['2027-03-01T02:30:00Z', '2027-03-01T02:30:00.000Z'],
    ['2027-03-01T02:30Z', '2027-03-01T02:30:00.000Z'],
    ['2027-03-01T02:30:00.5+01:00', '2027-03-01T01:30:00.500Z'],
    ['2028-02-29T23:59:59-12:00', '2028-03-01T11:59:59.000Z'],
    ['12:01', '2027-02-28T12:01:00.000Z'],
    ['12:00', '2027-03-01T12:00:00.000Z'],
    ['00:00', '2027-03-01T00:00:00.000Z'],
  ] as const) {
    test(`${text} is ${expected}`, () => {
      const when = parseWhen(text, NOW, () => null);
      assert.ok(when.ok, when.ok ? '' : when.error);
      assert.equal(new Date(when.value).toISOString(), expected);
    });
  }

  test('a cron pattern is its next time, with its spaces put in order', () => {
    const asked: string[] = [];
    const nextRun = (pattern: string) => {
      asked.push(pattern);
      return NOW + 5;
    };
    assert.deepEqual(parseWhen(' 30  2 * * 0 ', NOW, nextRun), { ok: true, value: NOW + 5 });
    assert.deepEqual(asked, ['30 2 * * 0']);
  });

  test('the next time of a pattern is a time in UTC', () => {
    const when = parseWhen('30 2 * * *', NOW);
    assert.ok(when.ok);
    assert.match(new Date(when.value).toISOString(), /T02:30:00\.000Z$/);
  });

  for (const text of [
    ...['', 'tomorrow', 'now', '9:30', '24:00', '12:60', '12', '2:30pm', '@daily', '30 2 * *', '61 2 * * *'],
    ...['2027-03-01', '2027-03-01T02:30', '2027-03-01 02:30Z', '2027-02-30T02:30:00Z', '2027-03-01T24:00:00Z'],
    ...['2027-13-01T02:30:00Z', '2027-03-01T02:30:61Z', '2027-03-01T02:30:00+25:00', '1772332200000'],
  ]) {
    test(`refuses ${JSON.stringify(text)}`, () => {
      assert.equal(parseWhen(text, NOW, () => NOW).ok, false);
    });
  }

  test('a pattern that fits no time is refused', () => {
    assert.equal(parseWhen('0 0 30 2 *', NOW, () => null).ok, false);
  });
});
