// RFC 8914 section 4: why an answer is refused, told to clients that speak EDNS and to no others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { awaitingZone } from '../../../src/zone/compile-zone.ts';
import { ask } from '../../support/dns/ask.ts';
import { EXAMPLE_ZONE } from '../../support/dns/example-zone.ts';
import { zoneOf } from '../../support/dns/zone-text.ts';

const ZONE = zoneOf(EXAMPLE_ZONE);
const STALE = { mode: { kind: 'refuse' } } as const;

for (const [what, zone, question, options, rcode, infoCode] of [
  ['a zone that is too old (S30)', ZONE, 'www.example.com. A', STALE, 2, 24],
  ['a zone without a snapshot (S30)', awaitingZone('example.com.'), 'www.example.com. A', {}, 2, 14],
  ['a name outside our zones', ZONE, 'www.example.net. A', {}, 5, 20],
  ['a name outside our zones, with stale zones', ZONE, 'www.example.net. A', STALE, 5, 20],
  ['a transfer', ZONE, 'example.com. AXFR', {}, 5, 21],
] as const) {
  test(`${what} gets rcode ${rcode} and INFO-CODE ${infoCode}`, () => {
    const message = ask(zone, question, { ...options, edns: { udpOctets: 1232 } });
    assert.equal(message.rcode, rcode);
    assert.equal(message.isAuthoritative, false);
    assert.deepEqual(
      message.opt?.options.map(({ code, data }) => [code, Buffer.from(data).toString('hex')]),
      [[15, infoCode.toString(16).padStart(4, '0')]],
    );
    assert.equal(ask(zone, question, options).rcode, rcode);
    assert.equal(ask(zone, question, options).opt, null);
  });
}
