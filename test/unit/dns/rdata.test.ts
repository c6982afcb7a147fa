// Rdata of every type from text to octets and back, and the texts that must not pass as something else.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { formatRdata } from '../../../src/dns/format-rdata.ts';
import { parseRdata } from '../../../src/dns/parse-rdata.ts';
import type { RrType } from '../../../src/dns/rrset.ts';
import { txtValue } from '../../../src/dns/txt-value.ts';

const ACCEPTED: readonly (readonly [RrType, text: string, hex: string, written?: string])[] = [
  ['A', '192.0.2.1', 'c0000201'],
  ['AAAA', '2001:DB8::1', `20010db8${'00'.repeat(11)}01`, '2001:db8::1'],
  ['CNAME', 'WWW.example.', '0377777707657861 6d706c6500', 'www.example.'],
  ['NS', 'ns.example.', '026e73076578616d706c6500'],
  ['MX', '10 mail.', '000a046d61696c00'],
  ['MX', '0 .', '000000'],
  ['SRV', '1 2 65535 h.', '00010002ffff016800'],
  ['SOA', 'a. b. 4294967295 1 2 3 4', '0161000162 00ffffffff00000001000000020000000300000004'],
  ['TXT', '"a b" c', '03612062 0163', '"a b" "c"'],
  ['TXT', '"a\\"b\\\\c" "\\000\\255;"', '0561 2262 5c63 0300ff3b'],
  ['TXT', '""', '00'],
  ['CAA', '128 issue "ca.example.net; x=1"', '800569737375656361 2e6578616d706c652e6e65743b20783d31'],
  [
    'CAA',
    '0 iodef mailto:a@example.com',
    '0005696f6465666d61696c746f3a61406578616d706c652e636f6d',
    '0 iodef "mailto:a@example.com"',
  ],
];

const REFUSED: readonly (readonly [RrType, text: string, reason: RegExp])[] = [
  ['A', '', /expected 1 fields, found 0/],
  ['A', '2001:db8::1', /expected an IPv4 address/],
  ['A', '"192.0.2.1"', /quotes/],
  ['A', '192.0.2.1 192.0.2.2', /expected 1 fields, found 2/],
  ['AAAA', '192.0.2.1', /expected an IPv6 address/],
  ['MX', 'mail.example.', /expected 2 fields, found 1/],
  ['MX', '65536 mail.', /0 to 65535/],
  ['MX', '-1 mail.', /0 to 65535/],
  ['MX', '10 mail', /field 2: the name must be absolute/],
  ['SOA', 'a. b. 4294967296 1 2 3 4', /0 to 4294967295/],
  ['TXT', '', /at least 1/],
  ['TXT', `"${'x'.repeat(256)}"`, /256 octets, at most 255/],
  ['TXT', '"open', /not closed/],
  ['TXT', '"a""b"', /followed by a space/],
  ['TXT', 'a;b', /; outside quotes/],
  ['TXT', '"gr\u00fcn"', /\\DDD/],
  ['CAA', '256 issue "x"', /0 to 255/],
  ['CAA', '0 Issue "x"', /a-z and 0-9/],
];

describe('parseRdata and formatRdata', () => {
  for (const [type, text, hex, written = text] of ACCEPTED) {
    test(`${type} ${text}`, () => {
      const rdata = parseRdata(type, text);
      assert.ok(rdata.ok, rdata.ok ? '' : rdata.error);
      assert.equal(Buffer.from(rdata.value).toString('hex'), hex.replaceAll(' ', ''));
      assert.deepEqual(formatRdata(type, rdata.value), { ok: true, value: written });
    });
  }

  for (const [type, text, reason] of REFUSED) {
    test(`${type} ${JSON.stringify(text.slice(0, 30))} is refused: ${reason.source}`, () => {
      const rdata = parseRdata(type, text);
      assert.ok(!rdata.ok);
      assert.match(rdata.error, reason);
    });
  }

  test('formatRdata is total: any octets give text or a reason', () => {
    const type = fc.constantFrom<RrType>('A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'SOA', 'SRV', 'TXT');
    fc.assert(
      fc.property(type, fc.uint8Array({ maxLength: 60 }), (kind, octets) => {
        const text = formatRdata(kind, octets);
        assert.equal(typeof (text.ok ? text.value : text.error), 'string');
      }),
      { numRuns: 5_000 },
    );
  });

  test('parseRdata is total: any text gives octets or a reason', () => {
    const type = fc.constantFrom<RrType>('A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'SOA', 'SRV', 'TXT');
    fc.assert(
      fc.property(type, fc.string({ unit: 'binary' }), (kind, text) => {
        const rdata = parseRdata(kind, text);
        assert.ok(rdata.ok || rdata.error.length > 0);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('txtValue', () => {
  test('cuts any text into strings that come back whole', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 700 }), (text) => {
        const rdata = parseRdata('TXT', txtValue(text));
        assert.ok(rdata.ok);
        const octets: number[] = [];
        for (let at = 0; at < rdata.value.length; at += 1 + (rdata.value[at] ?? 0)) {
          octets.push(...rdata.value.subarray(at + 1, at + 1 + (rdata.value[at] ?? 0)));
        }
        assert.equal(Buffer.from(octets).toString('utf8'), Buffer.from(text).toString('utf8'));
      }),
    );
  });
});
