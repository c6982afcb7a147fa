// RFC 2181 section 9 and RFC 1035 section 4.2.1: responses that do not fit say so and hold no part of an RRset.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, queryOctets, respondTo, show } from '../../support/dns/ask.ts';
import { zoneOf } from '../../support/dns/zone-text.ts';

const MANY = Array.from({ length: 100 }, (_, index) => `many.example.com. 60 A 192.0.2.${index}`).join('\n');
const ZONE = zoneOf(`
  example.com.       60 SOA ns1.example.com. hostmaster.example.com. 9 1 1 1 1
  example.com.       60 NS  ns1.example.com.
  ns1.example.com.   60 A   192.0.2.1
  alias.example.com. 60 CNAME many.example.com.
  ${MANY}`);

for (const [what, edns, limit] of [
  ['512 without EDNS', null, 512],
  ['512 for a client that offers less', { udpOctets: 100 }, 512],
  ['what the client offers', { udpOctets: 800 }, 800],
  ['1232 whatever the client offers', { udpOctets: 65_535 }, 1232],
] as const) {
  test(`UDP is limited to ${what}`, () => {
    for (let count = 1; count < 100; count += 1) {
      const text = MANY.split('\n').slice(0, count).join('\n');
      const zone = zoneOf(`
        example.com. 60 SOA ns1.example.net. hostmaster.example.com. 9 1 1 1 1
        example.com. 60 NS ns1.example.net.
        ${text}`);
      const response = respondTo(queryOctets('many.example.com.', 'A', { edns }), [zone], {});
      assert.ok(response !== null && response.length <= limit, `${count} addresses: ${response?.length}`);
      const message = ask(zone, 'many.example.com. A', { edns });
      assert.equal(message.answers.length, message.isTruncated ? 0 : count);
      assert.equal(message.opt !== null, edns !== null);
    }
  });
}

test('the same question by TCP is answered whole', () => {
  const message = ask(ZONE, 'many.example.com. A', { transport: 'tcp' });
  assert.equal(message.isTruncated, false);
  assert.equal(message.answers.length, 100);
});

test('a truncated chain of aliases is dropped to the question', () => {
  assert.equal(show(ask(ZONE, 'alias.example.com. A', { edns: { udpOctets: 1232 } })), 'NOERROR aa tc');
});
