// RFC 2136 section 2: the sections of an UPDATE, shown by a message that another implementation (dnspython 2.3) wrote.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeMessage } from '../../../src/dns/decode-message.ts';
import { decodeUpdate } from '../../../src/dns/decode-update.ts';
import { encodeUpdate } from '../../../src/dns/encode-update.ts';
import type { Prerequisite, Update, UpdateStep } from '../../../src/dns/update.ts';
import { decoded } from '../../support/dns/ask.ts';

const APP = 'app.example.com.';
/** With compressed names, which we read and do not write. */
const THEIRS =
  '126728000001000700050000076578616d706c6503636f6d000006000103617070c00c00010001000000000004c00002' +
  '01c01d00010001000000000004c0000202065f6f6e657570c01d00100001000000000009086f6e657570312061026d78' +
  'c00c000f00ff000000000000036e6577c00c001c00fe0000000000000475736564c00c00ff00ff000000000000046672' +
  '6565c00c00ff00fe000000000000c01d000100ff000000000000c01d000100010000001e0004c0000203036f6c64c00c' +
  '00ff00ff000000000000c01d001000fe0000000000020178c01d000500010000003c001406746172676574076578616d' +
  '706c65036e657400';
const OURS: Update = {
  id: 4711,
  zone: 'example.com.',
  prerequisites: [
    { kind: 'rrsetIs', rrset: { name: APP, type: 'A', values: ['192.0.2.1', '192.0.2.2'] } },
    { kind: 'rrsetIs', rrset: { name: `_oneup.${APP}`, type: 'TXT', values: ['"oneup1 a"'] } },
    { kind: 'rrsetExists', key: { name: 'mx.example.com.', type: 'MX' } },
    { kind: 'noRrset', key: { name: 'new.example.com.', type: 'AAAA' } },
    { kind: 'nameInUse', name: 'used.example.com.' },
    { kind: 'nameNotInUse', name: 'free.example.com.' },
  ],
  steps: [
    { kind: 'deleteRrset', key: { name: APP, type: 'A' } },
    { kind: 'add', rrset: { name: APP, type: 'A', ttlSeconds: 30, values: ['192.0.2.3'] } },
    { kind: 'deleteName', name: 'old.example.com.' },
    { kind: 'deleteValues', rrset: { name: APP, type: 'TXT', values: ['"x"'] } },
    { kind: 'add', rrset: { name: APP, type: 'CNAME', ttlSeconds: 60, values: ['target.example.net.'] } },
  ],
};

function encoded(update: Update): Uint8Array {
  const octets = encodeUpdate(update);
  assert.ok(octets.ok, octets.ok ? '' : octets.error);
  return octets.value;
}

describe('encodeUpdate', () => {
  test('says the same as the message of another implementation, section by section', () => {
    assert.deepEqual(decoded(encoded(OURS)), decoded(Buffer.from(THEIRS, 'hex')));
  });

  test('names what cannot be written', () => {
    const wrong = (steps: readonly UpdateStep[]) => encodeUpdate({ ...OURS, steps });
    const rrset = { name: APP, type: 'A', ttlSeconds: 1, values: ['2001:db8::1'] } as const;
    assert.match(JSON.stringify(wrong([{ kind: 'add', rrset }])), /app\.example\.com\.\|A: .*IPv4 address/);
    assert.match(JSON.stringify(wrong([{ kind: 'deleteName', name: 'relative' }])), /relative\|ANY: .*absolute/);
    const txt = { name: APP, type: 'TXT', values: Array.from({ length: 400 }, () => `"${'x'.repeat(200)}"`) } as const;
    assert.match(JSON.stringify(wrong([{ kind: 'deleteValues', rrset: txt }])), /do not fit/);
  });
});

describe('decodeUpdate', () => {
  test('reads the message of another implementation', () => {
    assert.deepEqual(decodeUpdate(decoded(Buffer.from(THEIRS, 'hex'))), { ok: true, value: OURS });
  });

  test('reads what encodeUpdate wrote', () => {
    const name = fc.constantFrom(APP, 'example.com.', 'a.b.example.com.');
    const key = fc.record({ name, type: fc.constantFrom('A', 'TXT', 'CNAME', 'MX') });
    const rrset = fc.record({ name, type: fc.constant('A'), values: fc.constant(['192.0.2.7']) });
    const ttlSeconds = fc.nat(2 ** 31 - 1);
    const prerequisite = fc.oneof(
      fc.record({ kind: fc.constantFrom('rrsetExists', 'noRrset'), key }),
      fc.record({ kind: fc.constantFrom('nameInUse', 'nameNotInUse'), name }),
    );
    const step = fc.oneof(
      fc.record({ kind: fc.constant('deleteRrset'), key }),
      fc.record({ kind: fc.constant('deleteName'), name }),
      fc.record({ kind: fc.constant('deleteValues'), rrset }),
      fc.record({
        kind: fc.constant('add'),
        rrset: fc.tuple(rrset, ttlSeconds).map(([set, ttl]) => ({ ...set, ttlSeconds: ttl })),
      }),
    );
    const updates = fc.record({
      id: fc.nat(65_535),
      zone: fc.constant('example.com.'),
      prerequisites: fc.array(prerequisite),
      steps: fc.array(step),
    });
    fc.assert(
      fc.property(updates, ({ id, zone, prerequisites, steps }) => {
        // Without the null prototypes that fast-check likes.
        const update: Update = structuredClone({
          id,
          zone,
          prerequisites: prerequisites as Prerequisite[],
          steps: steps as UpdateStep[],
        });
        assert.deepEqual(decodeUpdate(decoded(encoded(update))), { ok: true, value: update });
      }),
    );
  });

  test('any message gives an update or a response code', () => {
    const begin = Buffer.from(THEIRS, 'hex');
    fc.assert(
      fc.property(fc.nat(begin.length - 1), fc.nat(255), (place, octet) => {
        const message = decodeMessage(begin.map((old, index) => (index === place ? octet : old)));
        if (message.ok) decodeUpdate(message.value);
      }),
    );
  });
});
