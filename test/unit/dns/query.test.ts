// What decodeQuery makes of messages in hex: a query, a fault that can be told, or silence.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeQuery } from '../../../src/dns/query.ts';

const HEADER = '1267 0100 0001 0000 0000 0000';
const WITH_OPT = '1267 0100 0001 0000 0000 0001';
const QUESTION = '03777777 07 6578616d706c65 03636f6d 00 0001 0001';
const OPT = '00 0029 04d0 00000000 0000';

function decode(hex: string): ReturnType<typeof decodeQuery> {
  return decodeQuery(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

describe('decodeQuery', () => {
  test('reads a plain question in place', () => {
    assert.deepEqual(decode(`${HEADER} ${QUESTION}`), {
      ok: true,
      value: { opcode: 0, questionEnd: 33, edns: null, nameEnd: 29, type: 1, class: 1 },
    });
  });

  test('reads OPT with size, version and DO', () => {
    const query = decode(`${WITH_OPT} ${QUESTION} 00 0029 04d0 00 03 8000 0000`);
    assert.deepEqual(query.ok && query.value.edns, { udpOctets: 1232, version: 3, dnssecOk: true });
  });

  test('takes a UDP size below 512 as 512 (RFC 6891 section 6.2.3)', () => {
    const query = decode(`${WITH_OPT} ${QUESTION} 00 0029 0010 00000000 0000`);
    assert.equal(query.ok && query.value.edns?.udpOctets, 512);
  });

  test('ignores options that it does not know (RFC 6891 section 6.1.2)', () => {
    assert.equal(decode(`${WITH_OPT} ${QUESTION} 00 0029 04d0 00000000 0006 fde9 0002 abcd`).ok, true);
  });

  test('walks over other records, compressed owners included', () => {
    const soa = 'c00c 0006 0001 00000000 0001 00';
    assert.equal(decode(`1267 0100 0001 0000 0001 0001 ${QUESTION} ${soa} ${OPT}`).ok, true);
  });

  test('reads a message of another opcode without a question', () => {
    assert.deepEqual(decode('1267 7800 0000 0000 0000 0000'), {
      ok: true,
      value: { opcode: 15, questionEnd: 12, edns: null, nameEnd: 12, type: 0, class: 0 },
    });
  });

  for (const [what, hex] of [
    ['nothing', ''],
    ['eleven octets', '1267 0100 0001 0000 0000 00'],
    ['a response', `1267 8100 0001 0000 0000 0000 ${QUESTION}`],
  ] as const) {
    test(`keeps silent for ${what}`, () => assert.deepEqual(decode(hex), { ok: false, error: { kind: 'silence' } }));
  }

  for (const [what, hex, questionEnd, hasOpt] of [
    ['no question', '1267 0100 0000 0000 0000 0000', 12, false],
    ['two questions (RFC 9619)', `1267 0100 0002 0000 0000 0000 ${QUESTION} ${QUESTION}`, 12, false],
    ['a cut name', `${HEADER} 0377`, 12, false],
    ['a cut question', `${HEADER} 00 0001 00`, 12, false],
    ['a pointer in the first name', `${HEADER} c00c 0001 0001`, 12, false],
    ['a label type that does not exist', `${HEADER} 40 0001 0001`, 12, false],
    ['a name of 256 octets', `${HEADER} ${`3f${'61'.repeat(63)}`.repeat(4)} 00 0001 0001`, 12, false],
    ['octets behind the end', `${HEADER} ${QUESTION} 00`, 33, false],
    ['a missing record', `${WITH_OPT} ${QUESTION}`, 33, false],
    ['two OPT records', `1267 0100 0001 0000 0000 0002 ${QUESTION} ${OPT} ${OPT}`, 33, true],
    ['OPT in the answer section', `1267 0100 0001 0001 0000 0000 ${QUESTION} ${OPT}`, 33, false],
    ['OPT with an owner', `${WITH_OPT} ${QUESTION} 0161 ${OPT}`, 33, false],
    ['an option longer than its OPT', `${WITH_OPT} ${QUESTION} 00 0029 04d0 00000000 0004 0003 0001`, 33, false],
    ['rdata longer than the message', `${WITH_OPT} ${QUESTION} 00 0029 04d0 00000000 0001`, 33, false],
  ] as const) {
    test(`says malformed for ${what}`, () => {
      const query = decode(hex);
      assert.ok(!query.ok && query.error.kind === 'malformed');
      assert.equal(query.error.head.questionEnd, questionEnd);
      assert.equal(query.error.head.edns !== null, hasOpt);
    });
  }
});
