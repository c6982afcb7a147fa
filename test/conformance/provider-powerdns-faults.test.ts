// What can go wrong with the API of a real PowerDNS, and what it notifies.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { OneupError } from '../../src/base/oneup-error.ts';
import { powerDnsClient } from '../support/provider-world-powerdns.ts';
import { waitForZones } from '../support/provider-world-rfc2136.ts';
import { startPowerDns } from '../support/servers/powerdns-server.ts';
import { a, assertApplied, create, NAME, ZONE } from './provider-samples.ts';

const signal = new AbortController().signal;
/** RFC 1996 section 3: the opcode of NOTIFY. */
const OPCODE_NOTIFY = 4;

describe('PowerDNS and its API', () => {
  let server: Awaited<ReturnType<typeof startPowerDns>>;
  const secondary = createSocket('udp4');
  before(async () => {
    secondary.bind(0, '127.0.0.1');
    await once(secondary, 'listening');
    server = await startPowerDns({
      records: ['*.wild.example.com. 60 IN A 192.0.2.9'],
      alsoNotify: `127.0.0.1:${secondary.address().port}`,
    });
    await waitForZones(powerDnsClient(server));
  });
  after(async () => {
    secondary.close();
    await server[Symbol.asyncDispose]();
  });

  async function assertFault(promise: Promise<unknown>, code: string): Promise<void> {
    await assert.rejects(promise, (error: unknown) => error instanceof OneupError && error.code === code);
  }

  test('a wrong key of the API', () => {
    const by = powerDnsClient({ ...server, apiKey: 'wrong' });
    return assertFault(by.list(ZONE, { names: [NAME], signal }), 'ONEUP_PROVIDER_DENIED');
  });

  test('a zone that is not there', async () => {
    const by = powerDnsClient(server);
    await assertFault(by.list('example.org.', { names: [NAME], signal }), 'ONEUP_PROVIDER_ZONE_UNKNOWN');
    await assertFault(by.list('app.example.com.', { names: [NAME], signal }), 'ONEUP_PROVIDER_ZONE_UNKNOWN');
  });

  test('a wildcard is not listed in place of a name', async () => {
    assert.deepEqual(await powerDnsClient(server).list(ZONE, { names: [`app.wild.${ZONE}`], signal }), []);
  });

  test('the secondaries are notified of a write', async () => {
    const told = once(secondary, 'message') as Promise<[Buffer]>;
    const changes = [create(a('192.0.2.1'))];
    assertApplied(await powerDnsClient(server).apply(ZONE, changes, { idempotencyKey: 'key', signal }));
    const [message] = await told;
    assert.equal(((message[2] ?? 0) >> 3) & 0x0f, OPCODE_NOTIFY);
  });
});
