// What can be wrong with a zone of Cloudflare, its token, its records or the way there: each has a code, and nothing is lost or
// written twice. The words and numbers are those of the double (test/doubles/cloudflare).
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { createCloudflareProvider } from '../../../../providers/cloudflare/index.ts';
import { OneupError } from '../../../../src/base/oneup-error.ts';
import { Secret } from '../../../../src/base/secret.ts';
import type { Rrset } from '../../../../src/dns/rrset.ts';
import type { RrsetChange } from '../../../../src/plan/rrset-change.ts';
import type { ApplyResult, DnsProvider } from '../../../../src/ports/dns-provider.ts';
import { a, assertApplied, assertConflict, create, NAME, txt, ZONE } from '../../../conformance/provider-samples.ts';
import { ApiError, rateLimited } from '../../../doubles/cloudflare/api-error.ts';
import type { TokenGrant } from '../../../doubles/cloudflare/double-access.ts';
import {
  type CloudflareWorld,
  makeCloudflareProviderWorld,
  ZONE_ID,
} from '../../../support/provider-world-cloudflare.ts';

const signal = new AbortController().signal;
const TOKEN = 'k'.repeat(40);
const OWNER = `_oneup.${NAME}`;
const owned = (text: string): Rrset => ({ ...txt(`"${text}"`), name: OWNER });
const FIRST: readonly RrsetChange[] = [create(owned('one')), create(a('192.0.2.1'))];
const SECOND: readonly RrsetChange[] = [
  { before: owned('one'), after: owned('two') },
  { before: a('192.0.2.1'), after: a('192.0.2.2') },
];
const BACK: readonly RrsetChange[] = [
  { before: owned('one'), after: owned('three') },
  { before: a('192.0.2.1'), after: a('192.0.2.3') },
];

describe('bad input to the Cloudflare provider', () => {
  let world: CloudflareWorld;
  let provider: DnsProvider;
  beforeEach(async () => {
    world = await makeCloudflareProviderWorld();
    provider = world.connect();
  });
  afterEach(async () => world[Symbol.asyncDispose]());

  const apply = (changes: readonly RrsetChange[], by = provider) =>
    by.apply(ZONE, changes, { idempotencyKey: 'key', signal });
  const list = (by = provider) => by.list(ZONE, { names: [NAME, OWNER], signal });
  const contents = () =>
    world.double
      .zone(ZONE_ID)
      .records.map(({ content }) => content)
      .toSorted();
  const connect = (zoneId: string, { token = TOKEN, timeoutMs = 5_000 } = {}) =>
    createCloudflareProvider({
      name: 'cf',
      zoneIds: { [ZONE]: zoneId },
      apiToken: new Secret(token),
      timeoutMs,
      endpoint: world.double.baseUrl,
    });
  const withToken = (grant: Partial<TokenGrant>) => {
    world.double.grant(TOKEN, grant);
    return connect(ZONE_ID);
  };
  const assertFailed = (result: ApplyResult, code: string, applied: 'none' | 'unknown' = 'none') => {
    assert.ok(result.kind === 'failed', JSON.stringify(result));
    assert.deepEqual([result.code, result.applied], [`ONEUP_PROVIDER_${code}`, applied], result.reason);
    return result;
  };
  const assertThrows = (listing: Promise<unknown>, code: string) =>
    assert.rejects(listing, (error: unknown) => {
      assert.ok(error instanceof OneupError);
      assert.equal(error.code, `ONEUP_PROVIDER_${code}`, error.message);
      return true;
    });

  test('a zone id that is none, of nobody, or of another zone: nothing is written anywhere', async () => {
    world.double.grant(TOKEN);
    for (const zoneId of ['example.com', 'd'.repeat(32), 'b'.repeat(32)]) {
      await assertThrows(list(connect(zoneId)), 'ZONE_UNKNOWN');
      assert.equal(assertFailed(await apply(FIRST, connect(zoneId)), 'ZONE_UNKNOWN').retryable, false);
    }
    assert.deepEqual([...contents(), ...world.double.zone('b'.repeat(32)).records], []);
    const other = await provider.apply('example.org.', FIRST.map(inOtherZone), { idempotencyKey: 'k', signal });
    assertFailed(other, 'ZONE_UNKNOWN');
  });

  test('a token without a permission, for another zone, expired, unknown, or that is none', async () => {
    assertApplied(await apply(FIRST));
    const grants: readonly Partial<TokenGrant>[] = [
      { permissions: ['zone:read', 'dns:read'] },
      { zones: ['e'.repeat(32)] },
      { status: 'expired' },
    ];
    for (const grant of grants) assertFailed(await apply(SECOND, withToken(grant)), 'DENIED');
    for (const token of ['u'.repeat(40), 'short']) {
      await assertThrows(list(connect(ZONE_ID, { token })), 'DENIED');
      assert.equal(assertFailed(await apply(SECOND, connect(ZONE_ID, { token })), 'DENIED').retryable, false);
    }
    assert.deepEqual(contents(), ['"one"', '192.0.2.1'].toSorted());
  });

  test('a record that exists and is not ours is a conflict, and no latch stays', async () => {
    world.double.zone(ZONE_ID).add({ type: 'A', name: 'app.example.com', content: '198.51.100.7', ttl: 120 });
    assertConflict(await apply(FIRST), [a('198.51.100.7')]);
    assert.deepEqual(contents(), ['198.51.100.7']);
  });

  test('a CNAME at the apex, beside an address, or an address beside a CNAME', async () => {
    const cname = (name: string): Rrset => ({ name, type: 'CNAME', ttlSeconds: 120, values: ['x.example.net.'] });
    const { seen } = world.double;
    assertFailed(await apply([create(cname(ZONE))]), 'RECORD_CONFLICT');
    assert.equal(seen.length, 0);
    assertApplied(await apply(FIRST));
    assertFailed(await apply([create(cname(NAME))]), 'RECORD_CONFLICT');
    assertApplied(await apply([create(cname(`alias.${ZONE}`))]));
    assertFailed(await apply([create({ ...a('192.0.2.1'), name: `alias.${ZONE}` })]), 'RECORD_CONFLICT');
    assert.deepEqual(contents(), ['"one"', '192.0.2.1', 'x.example.net'].toSorted());
  });

  test('a TTL under the minimum is refused here, and one that the plan of the zone refuses is told as such', async () => {
    assertFailed(await apply([create(a('192.0.2.1', 59))]), 'TTL_REFUSED');
    assert.equal(world.double.seen.length, 0);
    const error = new ApiError(400, 1004, 'DNS Validation Error', { chain: [{ code: 9021, message: 'TTL' }] });
    world.double.fail({ kind: 'refuse', error, on: 'batch' });
    assertFailed(await apply(FIRST), 'TTL_REFUSED');
    assert.deepEqual(contents(), []);
  });

  test('a record that changes between read and write: the other one stands, and we learn what it is', async () => {
    assertApplied(await apply(FIRST));
    let other: ApplyResult | null = null;
    const rival = world.connect();
    const zone = world.double.zone(ZONE_ID);
    const perform = () => {
      const [text, address] = ['TXT', 'A'].map((type) => zone.records.find((record) => record.type === type));
      zone.batch({
        deletes: [{ id: text?.id ?? '' }],
        patches: [{ id: address?.id ?? '', content: '192.0.2.3' }],
        puts: [],
        posts: [{ type: 'TXT', name: '_oneup.app.example.com', content: '"three"', ttl: 120 }],
      });
    };
    world.double.fail({ kind: 'meanwhile', perform, on: 'batch' });
    assertConflict(await apply(SECOND), await list(rival));
    other = await apply(SECOND, rival);
    assert.equal(other.kind, 'conflict');
    assert.deepEqual(contents(), ['"three"', '192.0.2.3'].toSorted());
  });

  test('of two first writes one wins, whichever latch it was, and nothing of a latch is left', async () => {
    const writers = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'].map((address) =>
      apply([create(owned(address)), create(a(address))], world.connect()),
    );
    const kinds = (await Promise.all(writers)).map(({ kind }) => kind);
    assert.equal(kinds.filter((kind) => kind === 'applied').length, 1, kinds.join());
    assert.equal(contents().length, 2);
    assert.equal((await list()).length, 2);
  });

  test('half of a batch is done: it is told as that', async () => {
    assertApplied(await apply(FIRST));
    world.double.fail({ kind: 'partial', on: 'batch' });
    assertFailed(await apply(SECOND), 'PARTIAL', 'unknown');
  });

  test('a write that is done a minute late, after a rollback, is refused by Cloudflare', async () => {
    for (const changes of [FIRST, SECOND]) {
      world.double.fail({ kind: 'hold', on: 'batch' });
      assertFailed(await apply(changes), 'UNANSWERED', 'unknown');
      assertApplied(await apply(changes === FIRST ? FIRST : BACK));
      const before = contents();
      world.double.releaseHeld();
      assert.deepEqual(contents(), before);
    }
    assert.deepEqual(contents(), ['"three"', '192.0.2.3'].toSorted());
  });

  test('a write whose answer is lost was done once: the same again is a conflict that shows it', async () => {
    assertApplied(await apply(FIRST));
    world.double.fail({ kind: 'dropAfterApply', on: 'batch' });
    assertFailed(await apply(SECOND), 'UNANSWERED', 'unknown');
    const { kind } = await apply(SECOND);
    assert.deepEqual([kind, contents()], ['conflict', ['"two"', '192.0.2.2'].toSorted()]);
  });

  test('a limit that is reached says how long to wait, before the batch and at it', async () => {
    assertApplied(await apply(FIRST));
    for (const on of ['read', 'batch'] as const) {
      world.double.fail({ kind: 'refuse', error: rateLimited(300), on });
      const { retryable, retryAfterMs } = assertFailed(await apply(SECOND), 'THROTTLED');
      assert.deepEqual([retryable, retryAfterMs], [true, 300_000]);
    }
    world.double.fail({ kind: 'refuse', error: rateLimited(300), on: 'read' });
    await assert.rejects(list(), { code: 'ONEUP_PROVIDER_THROTTLED', retryAfterMs: 300_000 });
    world.double.fail({ kind: 'refuse', error: rateLimited(1e12), on: 'read' });
    assert.equal(assertFailed(await apply(SECOND), 'THROTTLED').retryAfterMs, null);
  });

  test('an outage of the API: before the batch nothing was done, at the batch nobody knows', async () => {
    assertApplied(await apply(FIRST));
    const error = new ApiError(503, 1200, 'Service unavailable');
    world.double.fail({ kind: 'refuse', error, on: 'read', times: 2 });
    assert.equal(assertFailed(await apply(SECOND), 'UNREACHABLE').retryable, true);
    await assertThrows(list(), 'UNREACHABLE');
    world.double.fail({ kind: 'refuse', error, on: 'batch' });
    assertFailed(await apply(SECOND), 'UNANSWERED', 'unknown');
    world.double.grant(TOKEN);
    world.double.fail({ kind: 'hang', on: 'batch', token: TOKEN });
    assertFailed(await apply(SECOND, connect(ZONE_ID, { timeoutMs: 300 })), 'UNANSWERED', 'unknown');
  });

  test('a page of somebody in between is no empty list', async () => {
    world.double.fail({ kind: 'nonsense', on: 'any', times: 2 });
    await assertThrows(list(), 'ANSWER_INVALID');
    assertFailed(await apply(FIRST), 'ANSWER_INVALID');
  });

  test('the token is in no error, whatever the API says', async () => {
    world.double.grant(TOKEN);
    const error = new ApiError(400, 9999, `no such thing as ${TOKEN}`);
    world.double.fail({ kind: 'refuse', error, on: 'any', times: 2 });
    const { reason } = assertFailed(await apply(FIRST, connect(ZONE_ID)), 'REFUSED');
    assert.match(reason, /no such thing as \*\*\*/);
    await assert.rejects(list(connect(ZONE_ID)), (thrown: unknown) => !String(thrown).includes(TOKEN));
  });

  test('a proxied record stays proxied, with the TTL of the proxy', async () => {
    const zone = world.double.zone(ZONE_ID);
    zone.add({ type: 'TXT', name: '_oneup.app.example.com', content: '"one"', ttl: 120 });
    zone.add({ type: 'A', name: 'app.example.com', content: '192.0.2.1', proxied: true });
    const [text, address] = (await list()).toSorted((left, right) => (left.type < right.type ? 1 : -1));
    assert.equal(address?.ttlSeconds, 300);
    const changes = [
      { before: text as Rrset, after: owned('two') },
      { before: address as Rrset, after: a('192.0.2.2', 60, '192.0.2.3') },
    ];
    assertApplied(await apply(changes));
    const shown = zone.records
      .filter(({ type }) => type === 'A')
      .map(({ content, proxied, ttl }) => [content, proxied, ttl]);
    assert.deepEqual(shown, [
      ['192.0.2.2', true, 1],
      ['192.0.2.3', true, 1],
    ]);
  });

  test('a failover costs three calls: what is there, what is there at the write, the write', async () => {
    assertApplied(await apply(FIRST));
    const { seen } = world.double;
    const before = seen.length;
    await list();
    const result = await apply(SECOND);
    assert.ok(result.kind === 'applied');
    assert.equal(await provider.confirm(result.changeId, { signal }), 'insync');
    assert.deepEqual(
      seen.slice(before).map(({ method }) => method),
      ['GET', 'GET', 'POST'],
    );
  });
});

function inOtherZone(change: RrsetChange): RrsetChange {
  const rename = (rrset: Rrset): Rrset => ({ ...rrset, name: rrset.name.replace('example.com.', 'example.org.') });
  return { before: null, after: rename(change.after as Rrset) };
}
