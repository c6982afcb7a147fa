// The RFC 2136 provider before a primary that lies: whatever comes back, a reading fails with its reason, and a write that was
// sent is unknown unless a signed answer says otherwise (S26).
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { createRfc2136Provider } from '../../../providers/rfc2136/index.ts';
import { OneupError } from '../../../src/base/oneup-error.ts';
import { Secret } from '../../../src/base/secret.ts';
import { createSystemClock } from '../../../src/clock/system-clock.ts';
import { a, create, NAME, ZONE } from '../../conformance/provider-samples.ts';
import { type Lie, type LyingPrimary, startLyingPrimary } from '../../support/dns/lying-primary.ts';
import { NOW_SECONDS, TEST_SECRET, testKey } from '../../support/dns/tsig.ts';

const KEY_NAME = 'oneup.example';
const OTHER_SECRET = Buffer.from('another secret of thirty-two oct').toString('base64');
const signal = new AbortController().signal;

/** `answer` with these header octets changed by a mask. */
function flip(answer: Uint8Array, place: number, mask: number): Uint8Array {
  return answer.map((octet, index) => (index === place ? octet ^ mask : octet));
}

const withRcode =
  (rcode: number): Lie =>
  ({ answer, sign }) =>
    sign(answer.map((octet, index) => (index === 3 ? rcode : octet)));

/** What the primary says, the code of the failure, and its reason. */
const LIES: readonly (readonly [what: string, lie: Lie, code: string, reason: RegExp])[] = [
  [
    'noise',
    ({ answer }) =>
      flip(
        answer.map((octet, index) => (index < 2 ? octet : 0xff)),
        2,
        1,
      ),
    'ANSWER_INVALID',
    /cannot be read/,
  ],
  ['less than a header', ({ answer }) => answer.subarray(0, 5), 'ANSWER_INVALID', /cannot be read/],
  ['an empty message', () => new Uint8Array(), 'ANSWER_INVALID', /not asked/],
  ['another id', ({ answer, sign }) => flip(sign(answer), 0, 0xff), 'ANSWER_INVALID', /not asked/],
  [
    'an answer that is cut off',
    ({ answer, sign }) => sign(flip(answer, 2, 0x02)),
    'ANSWER_INVALID',
    /cut its answer off/,
  ],
  ['a query', ({ answer, sign }) => sign(flip(answer, 2, 0x80)), 'ANSWER_INVALID', /another question/],
  ['another opcode', ({ answer, sign }) => sign(flip(answer, 2, 0x10)), 'ANSWER_INVALID', /another question/],
  ['no signature', ({ answer }) => answer, 'DENIED', /NOERROR without a signature/],
  [
    'a changed answer',
    ({ answer, sign }) => flip(sign(answer), 3, 0x03),
    'ANSWER_INVALID',
    /signature that is not of key/,
  ],
  [
    'the signature of another request',
    ({ answer, sign, requestMac }) => sign(answer, { requestMac: requestMac.map((octet) => octet ^ 1) }),
    'ANSWER_INVALID',
    /signature that is not of key/,
  ],
  [
    'the signature of another secret',
    ({ answer, sign }) => sign(answer, { key: testKey({ secret: OTHER_SECRET }) }),
    'ANSWER_INVALID',
    /signature that is not of key/,
  ],
  [
    'the signature of another key',
    ({ answer, sign }) => sign(answer, { key: testKey({ name: 'other.example' }) }),
    'ANSWER_INVALID',
    /another key, other\.example\./,
  ],
  [
    'a signature of long ago',
    ({ answer, sign }) => sign(answer, { nowSeconds: NOW_SECONDS }),
    'DENIED',
    /our clock is \d+ s ahead/,
  ],
];

describe('createRfc2136Provider', () => {
  let primary: LyingPrimary;
  before(async () => {
    primary = await startLyingPrimary(testKey());
  });
  afterEach(() => primary.lieTo({}));
  after(() => primary[Symbol.asyncDispose]());

  const client = (timeoutMs = 10_000) =>
    createRfc2136Provider({
      name: 'primary',
      clock: createSystemClock(),
      server: { host: '127.0.0.1', port: primary.port },
      tsig: { name: KEY_NAME, algorithm: 'hmac-sha256', secret: new Secret(TEST_SECRET) },
      timeoutMs,
    });
  const list = (by = client()) => by.list(ZONE, { names: [NAME], signal });
  const write = (by = client(), stop = signal) =>
    by.apply(ZONE, [create(a('192.0.2.1'))], { idempotencyKey: 'key', signal: stop });

  test('an honest primary is believed', async () => {
    assert.deepEqual(await list(), []);
    assert.equal((await write()).kind, 'applied');
  });

  for (const [what, lie, code, reason] of LIES) {
    test(`a reading that is answered with ${what} fails`, async () => {
      primary.lieTo({ queries: lie });
      const isExpected = (error: unknown) =>
        error instanceof OneupError && error.code === `ONEUP_PROVIDER_${code}` && reason.test(error.message);
      await assert.rejects(list(), isExpected);
      const writes = primary.writes();
      const result = await write();
      assert.ok(result.kind === 'failed' && result.applied === 'none', JSON.stringify(result));
      assert.equal(primary.writes(), writes, 'nothing was written');
    });

    test(`a write that is answered with ${what} is unknown`, async () => {
      primary.lieTo({ writes: lie });
      const result = await write();
      assert.ok(result.kind === 'failed', JSON.stringify(result));
      assert.deepEqual([result.applied, result.code], ['unknown', `ONEUP_PROVIDER_${code}`]);
      assert.match(result.reason, reason);
      assert.ok(!result.reason.includes(TEST_SECRET));
    });
  }

  for (const [rcode, code, applied] of [
    [1, 'REFUSED', 'none'],
    [2, 'REFUSED', 'unknown'],
    [4, 'REFUSED', 'none'],
    [5, 'DENIED', 'none'],
    [9, 'ZONE_UNKNOWN', 'none'],
    [10, 'ZONE_UNKNOWN', 'none'],
    [11, 'REFUSED', 'unknown'],
  ] as const) {
    test(`a write that is answered with response code ${rcode} fails as ${code}`, async () => {
      primary.lieTo({ writes: withRcode(rcode) });
      const result = await write();
      assert.ok(result.kind === 'failed', JSON.stringify(result));
      assert.deepEqual([result.applied, result.code], [applied, `ONEUP_PROVIDER_${code}`]);
    });
  }

  for (const rcode of [3, 6, 7, 8]) {
    test(`a write that is answered with response code ${rcode} is a conflict with what is there`, async () => {
      primary.lieTo({ writes: withRcode(rcode) });
      const result = await write();
      assert.ok(result.kind === 'conflict', JSON.stringify(result));
      assert.deepEqual(result.current, []);
    });
  }

  test('a primary that closes the connection, or says nothing, or is not waited for any longer', async () => {
    const silences: readonly (readonly [lie: Lie, timeoutMs: number, reason: RegExp])[] = [
      [() => null, 10_000, /closed the connection without an answer/],
      [() => 'silence', 500, /did not answer within 500 ms/],
    ];
    for (const [lie, timeoutMs, reason] of silences) {
      primary.lieTo({ queries: lie });
      await assert.rejects(list(client(timeoutMs)), reason);
      primary.lieTo({ writes: lie });
      const result = await write(client(timeoutMs));
      assert.ok(result.kind === 'failed' && result.code === 'ONEUP_PROVIDER_UNANSWERED', JSON.stringify(result));
      assert.match(result.reason, reason);
    }
    const stop = new AbortController();
    const abort: Lie = () => {
      stop.abort();
      return 'silence';
    };
    primary.lieTo({ writes: abort });
    const result = await write(client(), stop.signal);
    assert.ok(result.kind === 'failed' && result.applied === 'unknown', JSON.stringify(result));
    assert.match(result.reason, /did not answer before the deadline/);
  });

  test('answers that come octet by octet, or all at once with more behind them, are read', async () => {
    const pieces = (said: Uint8Array): readonly Uint8Array[] => Array.from(said, (octet) => Uint8Array.of(octet));
    primary.deliverAs(pieces);
    assert.deepEqual(await list(), []);
    assert.equal((await write()).kind, 'applied');
    primary.deliverAs((said) => [Uint8Array.from([...said, ...new Uint8Array(3_000)])]);
    assert.equal((await write()).kind, 'failed', 'what is between the answers is no answer');
    primary.deliverAs((said) => [said]);
    assert.deepEqual(await list(), []);
  });

  test('a key that is none is refused at once, and does not show its secret', () => {
    const tsig = { name: KEY_NAME, algorithm: 'hmac-sha256', secret: new Secret('not base64!') } as const;
    const options = { name: 'primary', clock: createSystemClock(), server: { host: '127.0.0.1', port: 53 }, tsig };
    assert.throws(
      () => createRfc2136Provider({ ...options, timeoutMs: 1_000 }),
      (error: unknown) => {
        assert.ok(error instanceof OneupError && error.code === 'ONEUP_CONFIG_INVALID');
        assert.match(error.message, /is not base64/);
        return !error.message.includes('not base64!');
      },
    );
  });
});
