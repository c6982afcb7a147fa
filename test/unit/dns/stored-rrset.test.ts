// Records of the built-in zone in the store: what is written can be read, and nothing else is taken for an RRset.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  formatStoredRrset,
  formatStoredSerial,
  parseStoredRrset,
  parseStoredSerial,
  type StoredRrset,
  storedRrsetKeyPart,
} from '../../../src/dns/stored-rrset.ts';

const STORED: StoredRrset = {
  rrset: { name: 'app.example.com.', type: 'A', ttlSeconds: 20, values: ['192.0.2.1', '192.0.2.2'] },
  epoch: 3,
  seq: 7,
};
const KEY = 'app.example.com.|A';

describe('stored RRset', () => {
  test('what formatStoredRrset writes, parseStoredRrset reads back', () => {
    assert.equal(storedRrsetKeyPart(STORED.rrset), KEY);
    assert.deepEqual(parseStoredRrset(KEY, formatStoredRrset(STORED)), { ok: true, value: STORED });
  });

  test('weights come back with their values, and what was written without them is read as before', () => {
    const weighted: StoredRrset = { ...STORED, rrset: { ...STORED.rrset, weights: [3, 1] } };
    assert.deepEqual(parseStoredRrset(KEY, formatStoredRrset(weighted)), { ok: true, value: weighted });
    const old = '{"values":["192.0.2.1","192.0.2.2"],"ttlSeconds":20,"epoch":3,"seq":7}';
    assert.equal(formatStoredRrset(STORED), old);
    assert.deepEqual(parseStoredRrset(KEY, old), { ok: true, value: STORED });
  });

  const good = JSON.parse(formatStoredRrset(STORED)) as Record<string, unknown>;
  const bad: Readonly<Record<string, readonly [key: string, text: string]>> = {
    'a key without a type': ['app.example.com.', JSON.stringify(good)],
    'a key without a name': ['|A', JSON.stringify(good)],
    'an unknown type': ['app.example.com.|NULL', JSON.stringify(good)],
    'the SOA, which belongs to the zone': ['example.com.|SOA', JSON.stringify(good)],
    'a type that objects inherit': ['app.example.com.|constructor', JSON.stringify(good)],
    'half a text': [KEY, '{"values":['],
    'a list': [KEY, '[]'],
    null: [KEY, 'null'],
    'no values': [KEY, JSON.stringify({ ...good, values: [] })],
    'an empty value': [KEY, JSON.stringify({ ...good, values: [''] })],
    'a value that is no text': [KEY, JSON.stringify({ ...good, values: [1] })],
    'a TTL that is no number': [KEY, JSON.stringify({ ...good, ttlSeconds: '20' })],
    'a negative TTL': [KEY, JSON.stringify({ ...good, ttlSeconds: -1 })],
    'a TTL above 31 bits': [KEY, JSON.stringify({ ...good, ttlSeconds: 2 ** 31 })],
    'no epoch': [KEY, JSON.stringify({ ...good, epoch: undefined })],
    'fewer weights than values': [KEY, JSON.stringify({ ...good, weights: [1] })],
    'a weight of zero': [KEY, JSON.stringify({ ...good, weights: [1, 0] })],
    'weights that are no list': [KEY, JSON.stringify({ ...good, weights: 2 })],
    'half a seq': [KEY, JSON.stringify({ ...good, seq: 1.5 })],
  };
  for (const [what, [key, text]] of Object.entries(bad)) {
    test(`parseStoredRrset refuses ${what}`, () => assert.equal(parseStoredRrset(key, text).ok, false));
  }

  test('parseStoredSerial reads 1 to 4294967295 and nothing else', () => {
    for (const serial of [1, 4_294_967_295]) {
      assert.deepEqual(parseStoredSerial(formatStoredSerial(serial)), { ok: true, value: serial });
    }
    for (const text of ['0', '-1', '01', '4294967296', '1.5', '', 'x', '1e3']) {
      assert.equal(parseStoredSerial(text).ok, false, text);
    }
  });
});
