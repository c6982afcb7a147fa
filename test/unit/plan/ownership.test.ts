// The ownership TXT: what is written can be read back, everything else is refused, and later writes compare as later.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  compareOwnership,
  formatOwnership,
  isSameOwnership,
  type Ownership,
  ownershipName,
  parseOwnership,
} from '../../../src/plan/ownership.ts';

const OWNERSHIP: Ownership = { cluster: 'prod', service: 'app', generation: 1, epoch: 3, seq: 7 };
const TEXT = 'oneup1 cluster=prod service=app generation=1 epoch=3 seq=7';

const id = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
const count = fc.integer({ min: 0, max: 999_999_999_999_999 });
const ownership = fc.record({ cluster: id, service: id, generation: count, epoch: count, seq: count });

describe('ownership', () => {
  test('ownershipName stands beside the name', () => {
    assert.equal(ownershipName('app.example.com.'), '_oneup.app.example.com.');
  });

  test('formatOwnership writes one quoted character-string', () =>
    assert.equal(formatOwnership(OWNERSHIP), `"${TEXT}"`));

  test('parseOwnership reads quoted and bare text', () => {
    assert.deepEqual(parseOwnership(`"${TEXT}"`), { ok: true, value: OWNERSHIP });
    assert.deepEqual(parseOwnership(TEXT), { ok: true, value: OWNERSHIP });
  });

  test('what formatOwnership writes, parseOwnership reads back, and it fits one character-string', () => {
    fc.assert(
      fc.property(ownership, (generated) => {
        const written = { ...generated };
        const text = formatOwnership(written);
        assert.ok(text.length - 2 <= 255, `${text.length} octets`);
        assert.deepEqual(parseOwnership(text), { ok: true, value: written });
      }),
    );
  });

  const foreign = {
    'another format': TEXT.replace('oneup1', 'oneup2'),
    'something else': 'v=spf1 -all',
    'a leading zero': TEXT.replace('seq=7', 'seq=07'),
    'a negative number': TEXT.replace('seq=7', 'seq=-7'),
    'too many digits': TEXT.replace('seq=7', 'seq=1234567890123456'),
    'words behind': `${TEXT} note=x`,
    'two strings': `"${TEXT}" "more"`,
    'an empty text': '',
    'one quote': '"',
  };
  for (const [what, text] of Object.entries(foreign)) {
    test(`parseOwnership refuses ${what}`, () => assert.equal(parseOwnership(text).ok, false));
  }

  test('formatOwnership throws for what could not be read back', () => {
    assert.throws(() => formatOwnership({ ...OWNERSHIP, service: 'App One' }), /out of range/);
    assert.throws(() => formatOwnership({ ...OWNERSHIP, seq: -1 }), /out of range/);
    assert.throws(() => formatOwnership({ ...OWNERSHIP, epoch: 1.5 }), /out of range/);
  });

  test('compareOwnership orders by generation, then epoch, then seq', () => {
    const ordered = [
      { ...OWNERSHIP, generation: 1, epoch: 1, seq: 9 },
      { ...OWNERSHIP, generation: 1, epoch: 2, seq: 1 },
      { ...OWNERSHIP, generation: 1, epoch: 2, seq: 2 },
      { ...OWNERSHIP, generation: 2, epoch: 1, seq: 1 },
    ];
    assert.deepEqual(ordered.toReversed().toSorted(compareOwnership), ordered);
  });

  test('isSameOwnership compares every field', () => {
    assert.equal(isSameOwnership(OWNERSHIP, { ...OWNERSHIP }), true);
    for (const other of [{ cluster: 'dev' }, { service: 'b' }, { generation: 2 }, { epoch: 4 }, { seq: 8 }]) {
      assert.equal(isSameOwnership(OWNERSHIP, { ...OWNERSHIP, ...other }), false, JSON.stringify(other));
    }
  });
});
