// The PowerDNS provider before an API that answers something else than a zone: each answer has its code.
import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { createPowerDnsProvider } from '../../../providers/powerdns/index.ts';
import { OneupError } from '../../../src/base/oneup-error.ts';
import { Secret } from '../../../src/base/secret.ts';
import { createSystemClock } from '../../../src/clock/system-clock.ts';
import type { DnsProvider } from '../../../src/ports/dns-provider.ts';
import { a, create, NAME, ZONE } from '../../conformance/provider-samples.ts';
import { type LyingPrimary, startLyingPrimary } from '../../support/dns/lying-primary.ts';
import { TEST_SECRET, testKey } from '../../support/dns/tsig.ts';
import { type Listening, listening } from '../../support/look.ts';

const API_KEY = 'the key of the API';
const signal = new AbortController().signal;
const RECORD = { content: '192.0.2.1', disabled: false };
const RRSET = { name: NAME, type: 'A', ttl: 120, records: [RECORD] };

type Reply = { readonly status?: number; readonly body: unknown; readonly location?: string };

function zone(...rrsets: readonly unknown[]): Reply {
  return { body: { name: ZONE, kind: 'Master', rrsets } };
}

const FAULTS: readonly (readonly [what: string, reply: Reply, code: string, reason: RegExp])[] = [
  ['401', { status: 401, body: 'Unauthorized' }, 'DENIED', /does not take the API key/],
  ['403', { status: 403, body: '' }, 'DENIED', /does not take the API key/],
  ['404', { status: 404, body: 'Not Found' }, 'ZONE_UNKNOWN', /server localhost has no zone example\.com\./],
  ['422', { status: 422, body: { error: 'Could not find domain' } }, 'ZONE_UNKNOWN', /has no zone/],
  ['429', { status: 429, body: '' }, 'THROTTLED', /answered 429/],
  ['503', { status: 503, body: '' }, 'UNREACHABLE', /answered 503/],
  ['418', { status: 418, body: '' }, 'ANSWER_INVALID', /answered 418/],
  ['a redirect', { status: 302, body: '', location: 'http://127.0.0.1:1/' }, 'UNREACHABLE', /redirect/],
  ['a page', { body: '<html>' }, 'ANSWER_INVALID', /answered no zone example\.com\./],
  ['a list', { body: [] }, 'ANSWER_INVALID', /no zone/],
  ['another zone', { body: { name: 'example.net.', rrsets: [] } }, 'ANSWER_INVALID', /no zone/],
  ['a zone without records', { body: { name: ZONE } }, 'ANSWER_INVALID', /no zone/],
  ['a secondary zone', { body: { name: ZONE, kind: 'Secondary', rrsets: [] } }, 'ZONE_UNKNOWN', /write at its primary/],
  ['a TTL that is text', zone({ ...RRSET, ttl: '120' }), 'ANSWER_INVALID', /cannot be read: app\.example\.com\. A/],
  ['no records', zone({ ...RRSET, records: null }), 'ANSWER_INVALID', /cannot be read/],
  ['a value that is none', zone({ ...RRSET, records: [{ content: 'x' }] }), 'ANSWER_INVALID', /A: x/],
  ['more than is read', zone({ ...RRSET, name: 'x'.repeat(5_000_000) }), 'UNREACHABLE', /more than 4194304 octets/],
];

describe('createPowerDnsProvider', () => {
  let api: Listening;
  let primary: LyingPrimary;
  let reply: Reply = zone();
  const asked: string[] = [];
  before(async () => {
    primary = await startLyingPrimary(testKey());
    const answer = (response: ServerResponse) => {
      const { status = 200, body, location } = reply;
      response.writeHead(status, location === undefined ? {} : { Location: location });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    };
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers['x-api-key']}`);
      answer(response);
    });
    api = await listening(server);
  });
  after(async () => {
    await api[Symbol.asyncDispose]();
    await primary[Symbol.asyncDispose]();
  });

  const client = (url = `http://127.0.0.1:${api.port}`): DnsProvider =>
    createPowerDnsProvider({
      name: 'pdns',
      clock: createSystemClock(),
      server: { host: '127.0.0.1', port: primary.port },
      tsig: { name: 'oneup.example', algorithm: 'hmac-sha256', secret: new Secret(TEST_SECRET) },
      timeoutMs: 10_000,
      api: { url, apiKey: new Secret(API_KEY), serverId: 'localhost' },
    });
  const list = (by = client()) => by.list(ZONE, { names: [NAME], signal });
  const write = (by = client()) => by.apply(ZONE, [create(a('192.0.2.2'))], { idempotencyKey: 'key', signal });

  for (const [what, faulty, code, reason] of FAULTS) {
    test(`an API that answers ${what} fails the reading`, async () => {
      reply = faulty;
      await assert.rejects(list(), (error: unknown) => {
        assert.ok(error instanceof OneupError, String(error));
        assert.equal(error.code, `ONEUP_PROVIDER_${code}`, error.message);
        assert.ok(!error.message.includes(API_KEY));
        return reason.test(error.message);
      });
    });
  }

  test('disabled records, other names and types that cannot be held are not listed', async () => {
    const off = { content: '192.0.2.9', disabled: true };
    const others = [
      { ...RRSET, type: 'AAAA', records: [{ ...off, content: '2001:db8::1' }] },
      { ...RRSET, name: `other.${ZONE}` },
      { ...RRSET, type: 'LUA', records: [{ content: 'A "ifportup(443)"' }] },
    ];
    reply = zone({ ...RRSET, records: [off, RECORD] }, ...others);
    assert.deepEqual(await list(), [a('192.0.2.1')]);
  });

  test('a write looks and is sent over DNS, and asks the API for nothing but to notify the secondaries', async () => {
    reply = zone();
    asked.length = 0;
    assert.equal((await write()).kind, 'applied');
    const zonePath = '/api/v1/servers/localhost/zones/example.com.';
    assert.deepEqual(asked, [`PUT ${zonePath}/notify ${API_KEY}`]);
  });

  test('an API that nobody serves fails the reading, and a write that was read for is done without a notify', async () => {
    const nobody = client('http://127.0.0.1:1');
    await assert.rejects(list(nobody), /does not answer/);
    assert.equal((await write(nobody)).kind, 'applied');
  });
});
