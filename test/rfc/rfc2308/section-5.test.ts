// RFC 2308 section 5: a negative answer carries the SOA with the lower of its own TTL and its MINIMUM field.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from '../../support/dns/ask.ts';
import { zoneOf } from '../../support/dns/zone-text.ts';

for (const [ttlSeconds, minimumSeconds, expected] of [
  [3600, 5, 5],
  [5, 3600, 5],
  [0, 3600, 0],
] as const) {
  test(`SOA TTL ${ttlSeconds} and MINIMUM ${minimumSeconds} give ${expected}`, () => {
    const zone = zoneOf(`
      example.com. ${ttlSeconds} SOA ns.example.net. hostmaster.example.com. 9 1 1 1 ${minimumSeconds}
      example.com. 60 NS ns.example.net.`);
    for (const question of ['nope.example.com. A', 'example.com. A']) {
      const message = ask(zone, question);
      assert.deepEqual(
        message.authorities.map(({ name, type, ttlSeconds: ttl }) => [name, type, ttl]),
        [['example.com.', 'SOA', expected]],
      );
    }
    assert.equal(ask(zone, 'example.com. SOA').answers[0]?.ttlSeconds, ttlSeconds);
  });
}
