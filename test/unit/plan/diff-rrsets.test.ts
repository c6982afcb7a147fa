// The difference between what a name holds and what it shall hold: guarded changes that never empty an answer and never
// touch what is not ours, whatever the provider lists.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Rrset } from '../../../src/dns/rrset.ts';
import { desiredRrsets } from '../../../src/plan/desired-rrsets.ts';
import { type DiffInput, diffRrsets } from '../../../src/plan/diff-rrsets.ts';
import { formatOwnership } from '../../../src/plan/ownership.ts';
import type { RrsetChange } from '../../../src/plan/rrset-change.ts';

const NAME = 'app.example.com.';
const NODES = ['192.0.2.1', '192.0.2.2', '2001:db8::1'];

function owner(seq: number) {
  return { cluster: 'prod', service: 'app', generation: 1, epoch: 1, seq };
}

function desired(address: string, seq = 2, ttlSeconds = 20): readonly Rrset[] {
  return desiredRrsets({
    name: NAME,
    answers: [{ kind: 'address', address }],
    weights: null,
    ttlSeconds,
    ownership: owner(seq),
  });
}

function txt(seq: number, ttlSeconds = 20): Rrset {
  return { name: `_oneup.${NAME}`, type: 'TXT', ttlSeconds, values: [formatOwnership(owner(seq))] };
}

function a(...values: string[]): Rrset {
  return { name: NAME, type: 'A', ttlSeconds: 20, values };
}

function diff(current: readonly Rrset[], wanted: readonly Rrset[]): readonly RrsetChange[] {
  const result = diffRrsets({ name: NAME, current, desired: wanted, ownAnswers: NODES });
  assert.ok(result.ok, result.ok ? '' : result.error.reason);
  return result.value;
}

/** `type before > after` of each change, in order. */
function shape(changes: readonly RrsetChange[]): readonly string[] {
  return changes.map(({ before, after }) => {
    const { type } = (after ?? before) as Rrset;
    return `${type} ${before?.values.join() ?? 'none'} > ${after?.values.join() ?? 'none'}`;
  });
}

const ONE = formatOwnership(owner(1));
const TWO = formatOwnership(owner(2));

const CASES: readonly {
  readonly what: string;
  readonly current: Rrset[];
  readonly to: string;
  readonly changes: string[];
}[] = [
  {
    what: 'creates the ownership first, then the address',
    current: [],
    to: '192.0.2.1',
    changes: [`TXT none > ${TWO}`, 'A none > 192.0.2.1'],
  },
  {
    what: 'replaces ownership and address together',
    current: [a('192.0.2.1'), txt(1)],
    to: '192.0.2.2',
    changes: [`TXT ${ONE} > ${TWO}`, 'A 192.0.2.1 > 192.0.2.2'],
  },
  {
    what: 'writes the ownership alone where the address stays',
    current: [a('192.0.2.1'), txt(1)],
    to: '192.0.2.1',
    changes: [`TXT ${ONE} > ${TWO}`],
  },
  {
    what: 'creates AAAA before it removes A',
    current: [a('192.0.2.1'), txt(1)],
    to: '2001:db8::1',
    changes: [`TXT ${ONE} > ${TWO}`, 'AAAA none > 2001:db8::1', 'A 192.0.2.1 > none'],
  },
  {
    what: 'leaves other types and other names alone',
    current: [
      { name: NAME, type: 'MX', ttlSeconds: 60, values: ['10 mail.example.com.'] },
      { name: NAME, type: 'TXT', ttlSeconds: 60, values: ['"note"'] },
      { name: 'www.example.com.', type: 'A', ttlSeconds: 60, values: ['198.51.100.7'] },
    ],
    to: '192.0.2.1',
    changes: [`TXT none > ${TWO}`, 'A none > 192.0.2.1'],
  },
  {
    what: 'takes another spelling of an address for the same',
    current: [{ name: NAME, type: 'AAAA', ttlSeconds: 20, values: ['2001:0DB8:0:0::1'] }, txt(2)],
    to: '2001:db8::1',
    changes: [],
  },
];

describe('diffRrsets', () => {
  for (const { what, current, to, changes } of CASES) {
    test(what, () => assert.deepEqual(shape(diff(current, desired(to))), changes));
  }

  test('a changed TTL is a change', () => {
    assert.deepEqual(shape(diff([a('192.0.2.1'), txt(2)], desired('192.0.2.1', 2, 5))).length, 2);
  });

  test('a value that is no address of a node stops the write and is named', () => {
    const input: DiffInput = {
      name: NAME,
      current: [a('192.0.2.1', '198.51.100.9'), txt(1)],
      desired: desired('192.0.2.2'),
      ownAnswers: NODES,
    };
    const result = diffRrsets(input);
    assert.ok(!result.ok);
    assert.equal(result.error.rule, 'S27.dns-drift');
    assert.match(result.error.reason, /A holds 198\.51\.100\.9, which/);
  });

  test('a CNAME at the name stops the write (RFC 1034 section 3.6.2)', () => {
    const cname: Rrset = { name: NAME, type: 'CNAME', ttlSeconds: 60, values: ['other.example.com.'] };
    const result = diffRrsets({ name: NAME, current: [cname], desired: desired('192.0.2.2'), ownAnswers: NODES });
    assert.equal(result.ok, false);
  });

  test('nothing but removal is refused (S28)', () => {
    const input = { name: NAME, current: [a('192.0.2.1'), txt(1)], ownAnswers: NODES };
    assert.throws(() => diffRrsets({ ...input, desired: [] }), /never emptied/);
    assert.throws(() => diffRrsets({ ...input, desired: [txt(2)] }), /never emptied/);
    assert.throws(() => diffRrsets({ ...input, desired: [{ ...a(), values: [] }] }), /never emptied/);
  });
});

const listed = fc
  .record({
    v4: fc.subarray(['192.0.2.1', '192.0.2.2']),
    v6: fc.subarray(['2001:db8::1']),
    seq: fc.option(fc.integer({ min: 1, max: 3 })),
    ttlSeconds: fc.constantFrom(5, 20),
  })
  .map(({ v4, v6, seq, ttlSeconds }) => [
    ...(v4.length > 0 ? [{ name: NAME, type: 'A' as const, ttlSeconds, values: v4 }] : []),
    ...(v6.length > 0 ? [{ name: NAME, type: 'AAAA' as const, ttlSeconds, values: v6 }] : []),
    ...(seq === null ? [] : [txt(seq, ttlSeconds)]),
  ]);

describe('diffRrsets: properties', () => {
  test('applying the changes and planning again gives none', () => {
    fc.assert(
      fc.property(listed, fc.constantFrom(...NODES), (current, address) => {
        const wanted = desired(address);
        assert.deepEqual(diff(apply(current, diff(current, wanted)), wanted), []);
      }),
    );
  });

  test('after every prefix the name has an address if it had one before', () => {
    fc.assert(
      fc.property(listed, fc.constantFrom(...NODES), (current, address) => {
        const changes = diff(current, desired(address));
        for (let length = 0; length <= changes.length; length += 1) {
          const after = apply(current, changes.slice(0, length));
          assert.ok(hasAddress(after) || !hasAddress(current), `prefix of ${length}`);
          assert.ok(after.every(({ values }) => values.length > 0));
        }
      }),
    );
  });

  test('a change survives JSON', () => {
    const changes = diff([a('192.0.2.1'), txt(1)], desired('2001:db8::1'));
    assert.deepEqual(JSON.parse(JSON.stringify(changes)), changes);
  });
});

function apply(current: readonly Rrset[], changes: readonly RrsetChange[]): readonly Rrset[] {
  let rrsets = [...current];
  for (const { before, after } of changes) {
    const target = (after ?? before) as Rrset;
    const held = rrsets.find(({ name, type }) => name === target.name && type === target.type) ?? null;
    assert.deepEqual(held, before, 'before is what is there');
    rrsets = rrsets.filter((rrset) => rrset !== held);
    if (after !== null) rrsets.push(after);
  }
  return rrsets;
}

function hasAddress(rrsets: readonly Rrset[]): boolean {
  return rrsets.some(({ name, type }) => name === NAME && (type === 'A' || type === 'AAAA'));
}
