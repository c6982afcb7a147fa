// RFC 1035 section 4.1.1: the header of a response, bit by bit, and what other opcodes get.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, decoded, queryOctets, respondTo, show } from '../../support/dns/ask.ts';
import { EXAMPLE_ZONE } from '../../support/dns/example-zone.ts';
import { zoneOf } from '../../support/dns/zone-text.ts';

const ZONE = zoneOf(EXAMPLE_ZONE);

function withFlags(flags: number): Uint8Array {
  const query = Buffer.from(queryOctets('www.example.com.', 'A'));
  query.writeUInt16BE(flags, 2);
  return query;
}

test('id and RD are echoed, RA is clear', () => {
  const message = ask(ZONE, 'www.example.com. A', { id: 0xbeef, recursionDesired: true });
  assert.equal(message.id, 0xbeef);
  assert.equal(message.isResponse, true);
  assert.equal(message.recursionDesired, true);
  assert.equal(message.recursionAvailable, false);
});

test('Z, AD, CD, and AA and TC of the query are not echoed', () => {
  const response = respondTo(withFlags(0x06f0), [ZONE]);
  assert.deepEqual([...(response?.subarray(2, 4) ?? [])], [0x84, 0x00]);
});

test('a response is never answered', () => {
  assert.equal(respondTo(withFlags(0x8000), [ZONE]), null);
});

for (const opcode of [1, 2, 3, 4, 5, 6, 15]) {
  test(`opcode ${opcode} gets NOTIMP and keeps its opcode`, () => {
    const message = decoded(respondTo(withFlags(opcode << 11), [ZONE]) ?? new Uint8Array());
    assert.equal(show(message), 'NOTIMP');
    assert.equal(message.opcode, opcode);
    assert.equal(message.questions[0]?.name, 'www.example.com.');
  });
}

test('an unknown opcode without a question gets NOTIMP (RFC 8906 section 3.1.5)', () => {
  const message = decoded(
    respondTo(Buffer.from('12677800000000000000000000'.slice(0, 24), 'hex'), [ZONE]) ?? new Uint8Array(),
  );
  assert.equal(show(message), 'NOTIMP');
});

test('a malformed message gets FORMERR with its id', () => {
  const cut = queryOctets('www.example.com.', 'A').subarray(0, 20);
  const message = decoded(respondTo(cut, [ZONE]) ?? new Uint8Array());
  assert.equal(show(message), 'FORMERR');
  assert.equal(message.id, 4711);
  assert.equal(message.questions.length, 0);
});

for (const qclass of [0, 3, 254, 255, 4096]) {
  test(`class ${qclass} is refused: nothing here is authoritative for it`, () => {
    assert.equal(show(ask(ZONE, 'www.example.com. A', { class: qclass })), 'REFUSED');
  });
}

for (const [type, rcode] of [
  ['AXFR', 'REFUSED'],
  ['IXFR', 'REFUSED'],
  ['MAILB', 'NOTIMP'],
  ['OPT', 'FORMERR'],
  ['TSIG', 'FORMERR'],
] as const) {
  test(`QTYPE ${type} gets ${rcode}`, () => assert.equal(show(ask(ZONE, `www.example.com. ${type}`)), rcode));
}
