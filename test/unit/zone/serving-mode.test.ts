// S30 as a table, and what each mode does to the answers of a zone.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { answer } from '../../../src/zone/answer.ts';
import { ResponseWriter } from '../../../src/zone/response-writer.ts';
import { servingMode } from '../../../src/zone/serving-mode.ts';
import { ask, decoded, queryOctets, show } from '../../support/dns/ask.ts';
import { EXAMPLE_ZONE } from '../../support/dns/example-zone.ts';
import { zoneOf } from '../../support/dns/zone-text.ts';

const RULES = { lostAfterMs: 10_000, staleAfterMs: 600_000, suspectTtlSeconds: 5 } as const;
const CAPPED = { ttlCapSeconds: 5 } as const;

describe('servingMode', () => {
  for (const [confirmedAgeMs, pausedMs, onStale, expected] of [
    [0, 0, 'refuse', { kind: 'fresh' }],
    [10_000, 0, 'refuse', { kind: 'fresh' }],
    [10_001, 0, 'refuse', { kind: 'lost', ...CAPPED }],
    [600_000, 0, 'refuse', { kind: 'lost', ...CAPPED }],
    [600_001, 0, 'refuse', { kind: 'refuse' }],
    [600_001, 0, 'serve', { kind: 'stale', ...CAPPED }],
    [900_000, 300_000, 'refuse', { kind: 'lost', ...CAPPED }],
    [900_001, 300_000, 'refuse', { kind: 'refuse' }],
    [null, 0, 'serve', { kind: 'refuse' }],
  ] as const) {
    test(`age ${confirmedAgeMs}, paused ${pausedMs}, ${onStale}: ${expected.kind} (S30)`, () => {
      assert.deepEqual(servingMode({ confirmedAgeMs, pausedMs }, { ...RULES, onStale }), expected);
    });
  }
});

describe('answers of a server that lost touch', () => {
  const zone = zoneOf(EXAMPLE_ZONE);

  test('no TTL is above the cap, in any section, and lower ones stay (S30)', () => {
    for (const kind of ['lost', 'stale'] as const) {
      const mode = { kind, ttlCapSeconds: 25 };
      const message = ask(zone, 'example.com. MX', { mode });
      assert.deepEqual(
        [...message.answers, ...message.additionals].map(({ ttlSeconds }) => ttlSeconds),
        [25, 25, 25],
      );
      assert.equal(ask(zone, 'www.example.com. A', { mode }).answers[0]?.ttlSeconds, 20);
      assert.equal(ask(zone, 'nope.example.com. A', { mode }).authorities[0]?.ttlSeconds, 5);
      assert.deepEqual(
        new Set(ask(zone, 'a.sub.example.com. A', { mode }).authorities.map((one) => one.ttlSeconds)),
        new Set([25]),
      );
    }
  });

  test('a cap of one answer does not reach the next one from the same writer', () => {
    const writer = new ResponseWriter();
    const message = queryOctets('example.com.', 'NS');
    const ttls = ([{ kind: 'lost', ttlCapSeconds: 1 }, { kind: 'fresh' }] as const).map((mode) => {
      const length = answer(message, { state: { zones: [zone], mode }, transport: 'udp', writer });
      return decoded(writer.octets.subarray(0, length)).answers[0]?.ttlSeconds;
    });
    assert.deepEqual(ttls, [1, 3_600]);
  });

  test('a stale server answers nothing about its zones (S30)', () => {
    assert.equal(show(ask(zone, 'www.example.com. A', { mode: { kind: 'refuse' } })), 'SERVFAIL');
  });
});
