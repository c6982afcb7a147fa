// RFC 8945 section 5.2: a received TSIG is checked by key, MAC and time, in this order, and what fails is told apart.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { signMessage } from '../../../src/dns/sign-message.ts';
import type { TsigKey } from '../../../src/dns/tsig-key.ts';
import { encodeTsigRecord, findTsig } from '../../../src/dns/tsig-record.ts';
import { verifyMessage } from '../../../src/dns/verify-message.ts';
import { queryOctets } from '../../support/dns/ask.ts';
import { NOW_SECONDS, TEST_SECRET, testKey } from '../../support/dns/tsig.ts';

const KEY = testKey();
const QUERY = queryOctets('www.example.com.', 'A');
const OTHER_SECRET = Buffer.from('another secret of thirty-two oct').toString('base64');
/** The query of section 4.3 with id 99, as a forwarder passes it on. Signed by dnspython 2.3. */
const FORWARDED =
  '00630000000100000000000103777777074578616d706c6503636f6d0000010001056f6e657570076578616d706c6500' +
  '00fa00ff00000000003d0b686d61632d7368613235360000006553f100012c00200efc8bfd1412a1daa2355c5fb5e57b' +
  '4b97c6c6dad3d494b717dc342315fb721a126700000000';

function signed(key: TsigKey = KEY, nowSeconds = NOW_SECONDS): Uint8Array {
  const done = signMessage(QUERY, { key, nowSeconds });
  assert.ok(done.ok);
  return done.value.octets;
}

/** The message with its MAC cut to `octets`. */
function truncated(octets: number): Uint8Array {
  const message = signed();
  const found = findTsig(message);
  assert.ok(found.ok && found.value !== null);
  const { record, start } = found.value;
  const tsig = encodeTsigRecord({ ...record, mac: record.mac.subarray(0, octets) });
  assert.ok(tsig.ok);
  return Uint8Array.from([...message.subarray(0, start), ...tsig.value]);
}

describe('verifyMessage', () => {
  const kindOf = (message: Uint8Array, nowSeconds = NOW_SECONDS) =>
    verifyMessage(message, { key: KEY, nowSeconds }).kind;

  test('tells another key, another algorithm and another secret apart (5.2.1, 5.2.2)', () => {
    assert.equal(kindOf(signed()), 'verified');
    assert.equal(kindOf(signed(testKey({ name: 'other.example' }))), 'badKey');
    assert.equal(kindOf(signed(testKey({ algorithm: 'hmac-sha512' }))), 'badKey');
    assert.equal(kindOf(signed(testKey({ secret: OTHER_SECRET }))), 'badSig');
    assert.equal(kindOf(QUERY), 'unsigned');
  });

  test('names of keys have no letter case', () => {
    assert.equal(kindOf(signed(testKey({ name: 'ONEUP.Example.' }))), 'verified');
  });

  test('accepts 300 seconds of difference to either side and no more (5.2.3)', () => {
    for (const [difference, expected] of [
      [300, 'verified'],
      [-300, 'verified'],
      [301, 'badTime'],
      [-301, 'badTime'],
    ] as const) {
      assert.equal(kindOf(signed(), NOW_SECONDS + difference), expected, String(difference));
    }
  });

  test('a wrong MAC at a wrong time is a wrong MAC', () => {
    assert.equal(kindOf(signed(testKey({ secret: OTHER_SECRET })), NOW_SECONDS + 3_600), 'badSig');
  });

  test('refuses truncated MACs, and takes shorter and longer ones as malformed (5.2.2.1, 5.2.4)', () => {
    for (const [octets, expected] of [
      [31, 'badTrunc'],
      [16, 'badTrunc'],
      [15, 'malformed'],
      [0, 'malformed'],
    ] as const) {
      assert.equal(kindOf(truncated(octets)), expected, String(octets));
    }
  });

  test('takes the original id from the record (5.4)', () => {
    const verified = verifyMessage(Buffer.from(FORWARDED, 'hex'), { key: KEY, nowSeconds: NOW_SECONDS });
    assert.ok(verified.kind === 'verified');
    assert.deepEqual([...verified.message.subarray(0, 2)], [4711 >> 8, 4711 & 0xff]);
  });

  test('a record that is not the last, or comes twice, is malformed (5.1)', () => {
    const message = signed();
    const found = findTsig(message);
    assert.ok(found.ok && found.value !== null);
    const twice = Uint8Array.from([...message, ...message.subarray(found.value.start)]);
    twice[11] = 2;
    assert.equal(kindOf(twice), 'malformed');
    const missing = message.map((octet, index) => (index === 11 ? 2 : octet));
    assert.equal(kindOf(missing), 'malformed');
    const asAnswer = message.slice();
    [asAnswer[7], asAnswer[11]] = [1, 0];
    assert.equal(kindOf(asAnswer), 'malformed');
  });

  test('any change of one octet is found', () => {
    const message = signed();
    fc.assert(
      fc.property(fc.nat(message.length - 1), fc.integer({ min: 1, max: 255 }), (place, flip) => {
        // The id is not covered: the record holds the original one (5.4).
        fc.pre(place > 1);
        const changed = message.map((octet, index) => (index === place ? octet ^ flip : octet));
        // Letters of the names in the record are digested in lower case.
        const isCase = flip === 0x20 && place > QUERY.length;
        assert.ok(isCase || kindOf(changed) !== 'verified', `octet ${place}`);
      }),
    );
  });

  test('any octets give an outcome', () => {
    const begin = signed();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(begin.length), (octets, length) => {
        verifyMessage(Uint8Array.from([...begin.subarray(0, length), ...octets]), {
          key: KEY,
          nowSeconds: NOW_SECONDS,
        });
      }),
    );
  });

  test('a key shows its secret to nobody', () => {
    assert.ok(!JSON.stringify(KEY).includes(TEST_SECRET.slice(0, 8)));
    assert.deepEqual(Object.keys(KEY), ['name', 'algorithm', 'mac']);
  });
});
