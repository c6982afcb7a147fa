// What the double does with records, seen through plain HTTP and the published description. Each test names the page of the
// vendor that says so.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { BAD_REQUESTS } from './bad-requests.ts';
import { type PlainAnswer, type PlainClient, plainClient, recordOf, recordsOf } from './plain-client.ts';
import { type CloudflareDouble, startCloudflareDouble } from './start-cloudflare-double.ts';

const ZONE = 'a'.repeat(32);
const RICH_ZONE = 'b'.repeat(32);
const TOKEN = 't'.repeat(40);
const A = { type: 'A', name: 'app.example.com', content: '192.0.2.1', ttl: 60 };

describe('the zone of the Cloudflare double', () => {
  let double: CloudflareDouble;
  let call: PlainClient;
  before(async () => {
    double = await startCloudflareDouble({
      zones: [
        { id: ZONE, name: 'example.com' },
        { id: RICH_ZONE, name: 'example.net', plan: 'enterprise' },
      ],
    });
    double.grant(TOKEN);
    call = plainClient(double.baseUrl, TOKEN);
  });
  after(async () => double[Symbol.asyncDispose]());
  beforeEach(() => {
    for (const id of [ZONE, RICH_ZONE]) for (const record of double.zone(id).records) double.zone(id).remove(record.id);
  });

  const post = (body: unknown, zone = ZONE) => call('POST', `/zones/${zone}/dns_records`, body);
  const batch = (body: unknown) => call('POST', `/zones/${ZONE}/dns_records/batch`, body);
  const list = async (query = '') => recordsOf(await call('GET', `/zones/${ZONE}/dns_records${query}`));
  const refused = ({ codes }: PlainAnswer, code: number) => assert.ok(codes.includes(code), JSON.stringify(codes));

  describe('refuses what the API refuses', () => {
    for (const { what, method, path, body, code } of BAD_REQUESTS) {
      test(`${method} ${path.slice(0, 30)}: ${what}`, async () => {
        await post({ ...A, name: 'held.example.com' });
        await post({ ...A, type: 'CNAME', name: 'alias.example.com', content: 'x.example.net' });
        await post({ ...A, type: 'NS', name: 'sub.example.com', content: 'ns.example.net' });
        await post({ ...A, type: 'TXT', name: 'text.example.com', content: '"t"' });
        const held = await list();
        assert.equal(held.length, 4);
        refused(await call(method, `/zones/${ZONE}${path}`, body), code);
        assert.deepEqual(await list(), held);
      });
    }
  });

  // Time to Live (TTL), https://developers.cloudflare.com/dns/manage-dns-records/reference/ttl/
  test('a TTL is 1 for automatic, or 60 to 86400 seconds, from 30 for Enterprise', async () => {
    for (const ttl of [1, 60, 86_400])
      assert.equal(recordOf(await post({ ...A, content: `192.0.2.${ttl % 7}`, ttl })).ttl, ttl);
    assert.equal(recordOf(await post({ type: 'A', name: 'auto.example.com', content: '192.0.2.1' })).ttl, 1);
    assert.equal(recordOf(await post({ ...A, name: 'app.example.net', ttl: 30 }, RICH_ZONE)).ttl, 30);
    refused(await post({ ...A, name: 'app.example.net', ttl: 29 }, RICH_ZONE), 9021);
  });

  // Proxy status, https://developers.cloudflare.com/dns/proxy-status/
  test('a proxied record shows an automatic TTL whatever was asked for, and only A, AAAA and CNAME are proxied', async () => {
    const proxied = recordOf(await post({ ...A, ttl: 120, proxied: true }));
    assert.deepEqual([proxied.proxied, proxied.proxiable, proxied.ttl], [true, true, 1]);
    const patched = recordOf(
      await call('PATCH', `/zones/${ZONE}/dns_records/${proxied.id}`, { content: '192.0.2.2', ttl: 300 }),
    );
    assert.deepEqual([patched.proxied, patched.ttl, patched.content], [true, 1, '192.0.2.2']);
    const text = recordOf(await post({ ...A, type: 'TXT', content: '"t"' }));
    assert.deepEqual([text.proxied, text.proxiable], [false, false]);
  });

  // DNS record types, TXT, https://developers.cloudflare.com/dns/manage-dns-records/reference/dns-record-types/#txt
  test('a text is kept as it is quoted, and a character-string above 255 octets is split', async () => {
    const text = { ...A, type: 'TXT' };
    assert.equal(recordOf(await post({ ...text, content: '"a \\"b\\" c"' })).content, '"a \\"b\\" c"');
    assert.equal(recordOf(await post({ ...text, content: 'bare words' })).content, 'bare words');
    const long = recordOf(await post({ ...text, content: `"${'x'.repeat(300)}"` })).content;
    assert.equal(long, `"${'x'.repeat(255)}" "${'x'.repeat(45)}"`);
  });

  // Create DNS Record, https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/create/
  test('names are in Punycode, @ is the apex, and what lacks the name of the zone gets it', async () => {
    const named = async (name: string) => recordOf(await post({ ...A, name })).name;
    assert.equal(await named('@'), 'example.com');
    assert.equal(await named('www'), 'www.example.com');
    assert.equal(await named('bücher.example.com'), 'xn--bcher-kva.example.com');
    assert.equal(await named('*.example.com'), '*.example.com');
    // What a wrong zone id leads to, https://github.com/NewFuture/DDNS/issues/21
    assert.equal(await named('app.example.org'), 'app.example.org.example.com');
  });

  // Batch record changes, https://developers.cloudflare.com/dns/manage-dns-records/how-to/batch-record-changes/
  test('a batch runs deletes, patches, puts and posts in this order', async () => {
    const cname = recordOf(await post({ ...A, type: 'CNAME', content: 'x.example.net' }));
    const other = recordOf(await post({ ...A, name: 'other.example.com' }));
    const put = recordOf(await post({ ...A, name: 'put.example.com', comment: 'gone after a put' }));
    // The post is possible after the delete only, and the put after the patch.
    const answer = await batch({
      posts: [A],
      puts: [{ ...A, id: put.id, name: 'other.example.com' }],
      patches: [{ id: other.id, content: '192.0.2.9' }],
      deletes: [{ id: cname.id, name: 'ignored' }],
    });
    assert.deepEqual(answer.codes, []);
    assert.deepEqual((await list()).map(({ name, content, comment }) => [name, content, comment]).toSorted(), [
      ['app.example.com', '192.0.2.1', null],
      ['other.example.com', '192.0.2.1', null],
      ['other.example.com', '192.0.2.9', null],
    ]);
  });

  test('a batch is done as a whole or not at all, and answers with the first error', async () => {
    const held = recordOf(await post({ ...A, comment: 'kept', tags: ['owner:dns'] }));
    const gone = { deletes: [{ id: held.id }] };
    refused(
      await batch({
        ...gone,
        posts: [
          { ...A, ttl: 5 },
          { ...A, content: 'no' },
        ],
      }),
      9021,
    );
    refused(await batch({ ...gone, patches: [{ id: held.id, ttl: 120 }] }), 81044);
    assert.deepEqual(await list(), [held]);
    // Unspecified fields of a patch stay as they are.
    assert.deepEqual((await batch({ patches: [{ id: held.id, ttl: 120 }] })).codes, []);
    const [patched] = await list();
    assert.deepEqual([patched?.ttl, patched?.comment, patched?.tags], [120, 'kept', ['owner:dns']]);
  });

  test('a batch of the free plan holds 200 records', async () => {
    const posts = Array.from({ length: 201 }, (_, index) => ({ ...A, name: `n${index}.example.com` }));
    assert.equal((await batch({ posts })).status, 400);
    assert.deepEqual((await batch({ posts: posts.slice(1) })).codes, []);
    assert.equal((await list('?per_page=500')).length, 200);
  });

  test('a record that was deleted and posted again has another id', async () => {
    const first = recordOf(await post(A));
    assert.deepEqual((await batch({ deletes: [{ id: first.id }], posts: [A] })).codes, []);
    refused(await batch({ deletes: [{ id: first.id }], posts: [{ ...A, content: '192.0.2.2' }] }), 81044);
  });

  // List DNS Records, https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/list/
  test('a list is filtered by name, content and type, and comes in pages of 100', async () => {
    await post({ ...A, type: 'TXT', content: '"t"', name: '_oneup.app.example.com' });
    await post({ ...A, name: 'myapp.example.com' });
    await post(A);
    const names = async (query: string) => (await list(query)).map(({ name }) => name);
    assert.deepEqual(await names('?name=APP.example.com'), ['app.example.com']);
    assert.deepEqual(await names('?name.exact=app.example.com'), ['app.example.com']);
    assert.equal((await names('?name.endswith=app.example.com')).length, 3);
    assert.deepEqual(await names('?name.startswith=_oneup&type=TXT'), ['_oneup.app.example.com']);
    assert.deepEqual(await names('?name.startswith=_oneup&type=A'), []);
    assert.equal((await names('?name.exact=app.example.com&content.contains=t&match=any')).length, 2);
    const paged = await call('GET', `/zones/${ZONE}/dns_records?per_page=2&page=2`);
    assert.deepEqual([paged.info?.total_count, paged.info?.total_pages, paged.info?.count], [3, 2, 1]);
    assert.equal(recordsOf(paged).length, 1);
  });

  // Overwrite, Update and Delete DNS Record, https://developers.cloudflare.com/api/resources/dns/subresources/records/
  test('put overwrites with defaults, patch keeps, delete answers with the id', async () => {
    const record = recordOf(await post({ ...A, comment: 'note', proxied: true }));
    const path = `/zones/${ZONE}/dns_records/${record.id}`;
    assert.equal(recordOf(await call('PATCH', path, { comment: 'other' })).proxied, true);
    const put = recordOf(await call('PUT', path, A));
    assert.deepEqual([put.id, put.comment, put.proxied, put.created_on], [record.id, null, false, record.created_on]);
    assert.equal(recordOf(await call('GET', path)).modified_on, put.modified_on);
    assert.deepEqual((await call('DELETE', path)).result, { id: record.id });
    assert.deepEqual(await list(), []);
  });

  // CNAME flattening, https://developers.cloudflare.com/dns/cname-flattening/
  test('a CNAME may stand at the apex, beside a text', async () => {
    assert.deepEqual((await post({ ...A, type: 'TXT', name: '@', content: '"t"' })).codes, []);
    assert.deepEqual((await post({ ...A, type: 'CNAME', name: '@', content: 'x.example.net' })).codes, []);
  });
});
