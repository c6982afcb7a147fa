// RFC 6891 section 6.1: when OPT is sent back, which versions and sizes are taken, and what a second OPT means.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, decoded, queryOctets, respondTo, show } from '../../support/dns/ask.ts';
import { EXAMPLE_ZONE } from '../../support/dns/example-zone.ts';
import { zoneOf } from '../../support/dns/zone-text.ts';

const ZONE = zoneOf(EXAMPLE_ZONE);
const EDNS = { udpOctets: 4096 } as const;

for (const question of ['www.example.com. A', 'nope.example.com. A', 'x.sub.example.com. A', 'www.example.net. A']) {
  test(`6.1.1: OPT comes back exactly when it was sent, for ${question}`, () => {
    assert.equal(ask(ZONE, question).opt, null);
    const { opt } = ask(ZONE, question, { edns: EDNS });
    assert.deepEqual([opt?.udpOctets, opt?.version, opt?.dnssecOk], [1232, 0, false]);
  });
}

test('6.1.1: two OPT records are FORMERR', () => {
  const query = Buffer.from(queryOctets('www.example.com.', 'A', { edns: EDNS }));
  const twice = Buffer.concat([query, query.subarray(-11)]);
  twice.writeUInt16BE(2, 10);
  assert.equal(show(decoded(respondTo(twice, [ZONE]) ?? new Uint8Array())), 'FORMERR');
});

test('6.1.3: a higher version is BADVERS, with the version that we speak', () => {
  for (const version of [1, 100, 255]) {
    const message = ask(ZONE, 'www.example.com. A', { edns: { udpOctets: 4096, version } });
    assert.equal(show(message), 'BADVERS');
    assert.equal(message.opt?.version, 0);
  }
});

test('RFC 3225 section 3: DO is copied', () => {
  assert.equal(ask(ZONE, 'www.example.com. A', { edns: { udpOctets: 4096, dnssecOk: true } }).opt?.dnssecOk, true);
});

test('6.1.2: unknown options are neither echoed nor an error', () => {
  const query = Buffer.concat([
    queryOctets('www.example.com.', 'A', { edns: EDNS }),
    Buffer.from('fde90002abcd', 'hex'),
  ]);
  query.writeUInt16BE(6, query.length - 8);
  const message = decoded(respondTo(query, [ZONE]) ?? new Uint8Array());
  assert.equal(message.rcode, 0);
  assert.deepEqual(message.opt?.options, []);
});
