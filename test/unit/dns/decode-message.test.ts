// decodeMessage on compressed and hostile messages: it expands names, and it ends quickly whatever it gets.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeMessage } from '../../../src/dns/decode-message.ts';

function hex(text: string): Uint8Array {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

const QUESTION = '07 6578616d706c65 03636f6d 00 000f 0001';

describe('decodeMessage', () => {
  test('expands compressed owners and rdata', () => {
    const mx = 'c00c 000f 0001 0000012c 0009 000a 04 6d61696c c00c';
    const message = decodeMessage(hex(`0001 8580 0001 0001 0000 0000 ${QUESTION} ${mx}`));
    assert.ok(message.ok);
    const [record] = message.value.answers;
    assert.equal(record?.text, '10 mail.example.com.');
    assert.equal(record?.name, 'example.com.');
    assert.equal(record?.rdata.length, 20);
  });

  test('takes a TTL with the high bit set as 0 (RFC 2181 section 8)', () => {
    const a = 'c00c 0001 0001 80000001 0004 c0000201';
    const message = decodeMessage(hex(`0001 8580 0001 0001 0000 0000 ${QUESTION} ${a}`));
    assert.equal(message.ok && message.value.answers[0]?.ttlSeconds, 0);
  });

  test('shows unknown types as RFC 3597 section 5 does', () => {
    const unknown = 'c00c ff00 0001 00000000 0002 abcd';
    const message = decodeMessage(hex(`0001 8580 0001 0001 0000 0000 ${QUESTION} ${unknown}`));
    assert.deepEqual(message.ok && [message.value.answers[0]?.type, message.value.answers[0]?.text], [
      'TYPE65280',
      '\\# 2 abcd',
    ]);
  });

  for (const [what, name] of [
    ['to itself', 'c00c'],
    ['forward', 'c00e 0000'],
    ['in a loop of labels', '0161 c00c'],
  ] as const) {
    test(`refuses a pointer ${what}`, () => {
      const message = decodeMessage(hex(`0001 0100 0001 0000 0000 0000 ${name} 0001 0001`));
      assert.deepEqual(message, { ok: false, error: 'a pointer does not point back' });
    });
  }

  test('follows a chain of pointers no further than a name can be long', () => {
    // 16000 questions, each name one label and a pointer to the one before: only the first 127 make a name.
    const links = Array.from({ length: 2_000 }, (_, index) => {
      const target = index === 0 ? 12 : 17 + (index - 1) * 8;
      return `0161 ${(0xc000 | target).toString(16)} 0001 0001`;
    });
    const count = (links.length + 1).toString(16).padStart(4, '0');
    const message = decodeMessage(hex(`0001 0100 ${count} 0000 0000 0000 00 0001 0001 ${links.join('')}`));
    assert.deepEqual(message, { ok: false, error: 'a name is longer than 255 octets' });
  });

  test('is total: random octets never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        const message = decodeMessage(octets);
        assert.equal(typeof message.ok, 'boolean');
      }),
      { numRuns: 20_000 },
    );
  });
});
