// What a failover asks of servers of one's own, counted by relays before a real BIND and a real PowerDNS: what each call is said to
// cost, and never more than five, whether it is written or refused.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { callCost } from '../../src/controller/call-cost.ts';
import type { DnsProvider } from '../../src/ports/dns-provider.ts';
import { countCutover } from '../support/count-cutover.ts';
import { openCountingRelay } from '../support/counting-relay.ts';
import { powerDnsClient } from '../support/provider-world-powerdns.ts';
import { updateClient, waitForZones } from '../support/provider-world-rfc2136.ts';
import { startBind } from '../support/servers/bind-server.ts';
import { startPowerDns } from '../support/servers/powerdns-server.ts';

const REQUESTS_MAX = 5;

describe('the calls of a failover', () => {
  test('at BIND', async () => {
    await using server = await startBind();
    await waitForZones(updateClient(server.port));
    let requests = 0;
    await using relay = await openCountingRelay(server.port, () => (requests += 1));
    await assertCosts('rfc2136', updateClient(relay.port), () => requests);
  });

  test('at PowerDNS', async () => {
    await using server = await startPowerDns();
    await waitForZones(powerDnsClient(server));
    let requests = 0;
    const count = () => (requests += 1);
    await using relay = await openCountingRelay(server.port, count);
    await using api = await openCountingRelay(Number(new URL(server.apiUrl).port), count);
    const client = powerDnsClient({ port: relay.port, apiUrl: `http://127.0.0.1:${api.port}` });
    await assertCosts('powerdns', client, () => requests);
  });
});

async function assertCosts(kind: 'rfc2136' | 'powerdns', provider: DnsProvider, requests: () => number): Promise<void> {
  const { counts, refused } = await countCutover(provider, requests);
  const said = { list: callCost(kind, 'list'), apply: callCost(kind, 'apply'), confirm: callCost(kind, 'confirm') };
  assert.deepEqual(counts, said);
  assert.ok(counts.list + counts.apply + counts.confirm <= REQUESTS_MAX, JSON.stringify(counts));
  assert.ok(counts.list + refused <= REQUESTS_MAX, `${refused} of a refused write`);
}
