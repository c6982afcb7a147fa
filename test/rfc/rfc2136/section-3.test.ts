// RFC 2136 section 3: what a server answers to an UPDATE that it must not act upon.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeUpdate } from '../../../src/dns/decode-update.ts';
import { encodeUpdate } from '../../../src/dns/encode-update.ts';
import { RCODE } from '../../../src/dns/rcode.ts';
import type { Update } from '../../../src/dns/update.ts';
import { decoded, queryOctets } from '../../support/dns/ask.ts';

const NAME = 'app.example.com.';
const UPDATE: Update = {
  id: 1,
  zone: 'example.com.',
  prerequisites: [{ kind: 'noRrset', key: { name: NAME, type: 'A' } }],
  steps: [{ kind: 'add', rrset: { name: NAME, type: 'A', ttlSeconds: 1, values: ['192.0.2.1'] } }],
};

/** The message of `update` as a server sees it after `change`. */
function message(update: Update = UPDATE) {
  const octets = encodeUpdate(update);
  assert.ok(octets.ok);
  return decoded(octets.value);
}

const base = message();
const [zone] = base.questions;
const [prerequisite] = base.answers;
const [step] = base.authorities;
assert.ok(zone !== undefined && prerequisite !== undefined && step !== undefined);
const octets = Uint8Array.from([1]);

const FAULTS: readonly (readonly [what: string, change: Partial<typeof base>, rcode: number])[] = [
  ['no zone (3.1.1)', { questions: [] }, RCODE.FORMERR],
  ['two zones (3.1.1)', { questions: [zone, zone] }, RCODE.FORMERR],
  ['a zone of another type (3.1.1)', { questions: [{ ...zone, type: 'A' }] }, RCODE.FORMERR],
  ['another class (3.1.2)', { questions: [{ ...zone, class: 3 }] }, RCODE.NOTAUTH],
  ['a prerequisite with a TTL (3.2.1)', { answers: [{ ...prerequisite, ttlSeconds: 1 }] }, RCODE.FORMERR],
  ['a prerequisite outside (3.2.1)', { answers: [{ ...prerequisite, name: 'app.example.net.' }] }, RCODE.NOTZONE],
  [
    'a prerequisite of class ANY with rdata (3.2.1)',
    { answers: [{ ...prerequisite, class: 255, rdata: octets }] },
    RCODE.FORMERR,
  ],
  ['a prerequisite of another class (3.2.4)', { answers: [{ ...prerequisite, class: 3 }] }, RCODE.FORMERR],
  ['a prerequisite of a meta type', { answers: [{ ...prerequisite, type: 'AXFR' }] }, RCODE.FORMERR],
  ['a step outside (3.4.1)', { authorities: [{ ...step, name: 'xexample.com.' }] }, RCODE.NOTZONE],
  ['a step that adds a meta type (3.4.1)', { authorities: [{ ...step, type: 'ANY' }] }, RCODE.FORMERR],
  ['a step that adds a type that we do not hold', { authorities: [{ ...step, type: 'PTR' }] }, RCODE.REFUSED],
  [
    'a deletion with a TTL (3.4.1)',
    { authorities: [{ ...step, class: 255, rdata: new Uint8Array(), text: '' }] },
    RCODE.FORMERR,
  ],
  [
    'a deletion of an RRset with rdata (3.4.1)',
    { authorities: [{ ...step, class: 255, ttlSeconds: 0 }] },
    RCODE.FORMERR,
  ],
  [
    'a deletion of a value without one',
    { authorities: [{ ...step, class: 254, ttlSeconds: 0, rdata: new Uint8Array(), text: '' }] },
    RCODE.FORMERR,
  ],
  ['a step of another class (3.4.1)', { authorities: [{ ...step, class: 3, ttlSeconds: 0 }] }, RCODE.FORMERR],
];

for (const [what, change, rcode] of FAULTS) {
  test(`${what} is answered with ${rcode}`, () => {
    const update = decodeUpdate({ ...base, ...change });
    assert.ok(!update.ok, JSON.stringify(update));
    assert.equal(update.error.rcode, rcode, update.error.reason);
  });
}

test('a query is no UPDATE, and neither is an answer', () => {
  assert.ok(!decodeUpdate(decoded(queryOctets(NAME, 'A'))).ok);
  assert.ok(!decodeUpdate({ ...base, isResponse: true }).ok);
  assert.ok(decodeUpdate(base).ok);
});

test('values of one prerequisite are one RRset, wherever they stand (3.2.3)', () => {
  const one = { kind: 'rrsetIs', rrset: { name: NAME, type: 'A', values: ['192.0.2.1'] } } as const;
  const two = { kind: 'rrsetIs', rrset: { name: NAME, type: 'A', values: ['192.0.2.2'] } } as const;
  const update = decodeUpdate(message({ ...UPDATE, prerequisites: [one, ...UPDATE.prerequisites, two] }));
  assert.ok(update.ok);
  assert.deepEqual(update.value.prerequisites, [
    { kind: 'rrsetIs', rrset: { ...one.rrset, values: ['192.0.2.1', '192.0.2.2'] } },
    ...UPDATE.prerequisites,
  ]);
});
