// Who may call the double, how often, and what goes wrong on request. Each test names the page of the vendor that says so.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { ApiError } from './api-error.ts';
import { type PlainClient, plainClient, recordOf } from './plain-client.ts';
import { type CloudflareDouble, startCloudflareDouble } from './start-cloudflare-double.ts';

const ZONE = 'a'.repeat(32);
const TOKEN = 't'.repeat(40);
const A = { type: 'A', name: 'app.example.com', content: '192.0.2.1', ttl: 60 };
const RECORDS = `/zones/${ZONE}/dns_records`;

describe('access to the Cloudflare double', () => {
  let double: CloudflareDouble;
  let call: PlainClient;
  let nowMs = 0;
  before(async () => {
    double = await startCloudflareDouble({ zones: [{ id: ZONE, name: 'example.com' }], nowMs: () => nowMs });
    double.grant(TOKEN);
    call = plainClient(double.baseUrl, TOKEN);
  });
  after(async () => double[Symbol.asyncDispose]());
  beforeEach(() => {
    nowMs += 600_000;
    double.heal();
    for (const { id } of double.zone(ZONE).records) double.zone(ZONE).remove(id);
  });

  // Verify Token, https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/verify/
  test('a token is verified with its status', async () => {
    assert.deepEqual((await call('GET', '/user/tokens/verify')).result, { id: '0'.repeat(32), status: 'active' });
    const unknown = await plainClient(double.baseUrl, 'u'.repeat(40))('GET', '/user/tokens/verify');
    assert.deepEqual([unknown.status, unknown.codes], [401, [1000]]);
  });

  // API token permissions, https://developers.cloudflare.com/fundamentals/api/reference/permissions/
  test('a token reaches the zones and does what its permissions say', async () => {
    const reader = 'r'.repeat(40);
    double.grant(reader, { permissions: ['dns:read'] });
    const read = plainClient(double.baseUrl, reader);
    assert.deepEqual((await read('GET', RECORDS)).codes, []);
    assert.deepEqual((await read('POST', RECORDS, A)).codes, [10000]);
    assert.deepEqual((await read('GET', `/zones/${ZONE}`)).codes, [10000]);
    double.grant(reader, { zones: ['c'.repeat(32)] });
    assert.deepEqual((await read('GET', RECORDS)).codes, [10000]);
    double.grant(reader, { status: 'expired' });
    assert.deepEqual((await read('GET', RECORDS)).codes, [9109]);
    assert.deepEqual((await plainClient(double.baseUrl, 'short')('GET', RECORDS)).codes, [6003, 6111]);
  });

  // Zone Details, https://developers.cloudflare.com/api/resources/zones/methods/get/
  test('a zone is shown with its name, and an id that is none has no route', async () => {
    assert.equal(((await call('GET', `/zones/${ZONE}`)).result as { name: string }).name, 'example.com');
    for (const id of ['example.com', 'd'.repeat(32)]) {
      const { status, codes } = await call('GET', `/zones/${id}/dns_records`);
      assert.deepEqual([status, codes], [404, [7003]]);
    }
  });

  // Rate limits, https://developers.cloudflare.com/fundamentals/api/reference/limits/
  test('more than 1200 requests in five minutes block all calls for five minutes, with Retry-After', async () => {
    for (let batch = 0; batch < 12; batch += 1)
      await Promise.all(Array.from({ length: 100 }, () => call('GET', '/user/tokens/verify')));
    const blocked = await call('GET', RECORDS);
    assert.deepEqual([blocked.status, blocked.headers.get('retry-after')], [429, '300']);
    nowMs += 299_000;
    assert.equal((await call('GET', RECORDS)).headers.get('retry-after'), '1');
    nowMs += 1_000;
    assert.equal((await call('GET', RECORDS)).status, 200);
  });

  test('a fault meets as many requests as it says, of the kind that it says', async () => {
    double.fail({ kind: 'refuse', error: new ApiError(503, 1200, 'Service unavailable'), on: 'write', times: 2 });
    assert.equal((await call('GET', RECORDS)).status, 200);
    assert.deepEqual([(await call('POST', RECORDS, A)).status, (await call('POST', RECORDS, A)).status], [503, 503]);
    assert.equal((await call('POST', RECORDS, A)).status, 200);
  });

  test('an answer is lost before the write, after it, or the write waits until it is released', async () => {
    const contents = () => double.zone(ZONE).records.map(({ content }) => content);
    const lose = async (kind: 'drop' | 'dropAfterApply' | 'hold', content: string) => {
      double.fail({ kind, on: 'write' });
      await assert.rejects(call('POST', RECORDS, { ...A, content }));
    };
    await lose('drop', '192.0.2.1');
    assert.deepEqual(contents(), []);
    await lose('dropAfterApply', '192.0.2.2');
    await lose('hold', '192.0.2.3');
    assert.deepEqual(contents(), ['192.0.2.2']);
    double.releaseHeld();
    assert.deepEqual(contents(), ['192.0.2.2', '192.0.2.3']);
  });

  test('half of a batch is done on request, and what was held back is refused when its record is gone', async () => {
    const held = recordOf(await call('POST', RECORDS, A));
    double.fail({ kind: 'partial', on: 'batch' });
    const text = { ...A, type: 'TXT', content: '"t"' };
    await call('POST', `${RECORDS}/batch`, { posts: [{ ...A, content: '192.0.2.2' }, text] });
    assert.deepEqual(
      double.zone(ZONE).records.map(({ type }) => type),
      ['A', 'A'],
    );
    double.fail({ kind: 'hold', on: 'batch' });
    await assert.rejects(call('POST', `${RECORDS}/batch`, { deletes: [{ id: held.id }], posts: [text] }));
    double.zone(ZONE).remove(held.id);
    double.releaseHeld();
    assert.deepEqual(
      double.zone(ZONE).records.map(({ type }) => type),
      ['A'],
    );
  });

  test('a request hangs until its client gives up, and a proxy answers with a page', async () => {
    double.fail({ kind: 'hang', on: 'read' });
    const signal = AbortSignal.timeout(2_000);
    await assert.rejects(
      fetch(`${double.baseUrl}${RECORDS}`, { signal, headers: { authorization: `Bearer ${TOKEN}` } }),
    );
    double.fail({ kind: 'nonsense', on: 'read' });
    await assert.rejects(call('GET', RECORDS), SyntaxError);
  });
});
