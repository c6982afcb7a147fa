// Addresses: forms that other parsers read differently must be refused, and each address has one text.
import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { formatAddress, parseAddress } from '../../../src/dns/address.ts';

describe('parseAddress', () => {
  for (const [text, hex] of [
    ['192.0.2.1', 'c0000201'],
    ['0.0.0.0', '00000000'],
    ['::', '00'.repeat(16)],
    ['2001:db8::1', `20010db8${'00'.repeat(11)}01`],
    ['::ffff:192.0.2.33', `${'00'.repeat(10)}ffffc0000221`],
    ['64:ff9b::192.0.2.33', `0064ff9b${'00'.repeat(8)}c0000221`],
    ['1:2:3:4:5:6:7::', '00010002000300040005000600070000'],
  ] as const) {
    test(`reads ${text}`, () => {
      const address = parseAddress(text);
      assert.ok(address.ok);
      assert.equal(Buffer.from(address.value.octets).toString('hex'), hex);
    });
  }

  for (const text of [
    '',
    '192.0.2',
    '192.0.2.01',
    '192.0.2.256',
    '192.0.2.1 ',
    '0x7f.0.0.1',
    'fe80::1%eth0',
    '2001:db8::1::2',
    '2001:db8::/32',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8::',
    ':1:2:3:4:5:6:7',
    '::192.0.2.1:1',
    '192.0.2.1::',
    '12345::',
    'example.com',
  ]) {
    test(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseAddress(text).ok, false));
  }

  test('agrees with the platform on random texts', () => {
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.string({ unit: fc.constantFrom(...'0123456789abcf:.'), maxLength: 24 }),
    );
    fc.assert(
      fc.property(text, (value) => {
        const address = parseAddress(value);
        assert.equal(address.ok ? address.value.family : 0, isIP(value), value);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('formatAddress', () => {
  for (const [text, expected] of [
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['::ffff:c000:221', '::ffff:192.0.2.33'],
  ] as const) {
    test(`writes ${text} as ${expected} (RFC 5952 section 4)`, () => {
      const address = parseAddress(text);
      assert.ok(address.ok);
      assert.equal(formatAddress(address.value.octets), expected);
    });
  }

  test('is read back as the same octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (octets) => {
        const address = parseAddress(formatAddress(octets));
        assert.deepEqual(address, { ok: true, value: { family: 6, octets } });
      }),
    );
  });
});
