// What a call is said to cost is what the doubles of the two APIs count. The real servers have the same test beside their conformance.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { callCost, REFUSAL_COST } from '../../../src/controller/call-cost.ts';
import { ZONE } from '../../conformance/provider-samples.ts';
import { Route53Double } from '../../doubles/route53/route53-double.ts';
import { type CutoverCounts, countCutover } from '../../support/count-cutover.ts';
import { makeCloudflareProviderWorld } from '../../support/provider-world-cloudflare.ts';
import { route53Client } from '../../support/provider-world-route53.ts';

describe('callCost', () => {
  test('of Route 53', async () => {
    await using double = await Route53Double.start();
    double.zones.create(ZONE);
    let requests = 0;
    double.fault = () => {
      requests += 1;
      return null;
    };
    const { counts, refused } = await countCutover(route53Client(double, double.addKey()), () => requests);
    assert.deepEqual(counts, costsOf('route53'));
    assert.ok(refused <= counts.apply + REFUSAL_COST);
  });

  test('of Cloudflare', async () => {
    await using world = await makeCloudflareProviderWorld();
    const { counts, refused } = await countCutover(world.connect(), () => world.double.seen.length);
    assert.deepEqual(counts, costsOf('cloudflare'));
    assert.ok(refused <= counts.apply + REFUSAL_COST);
  });
});

function costsOf(kind: 'route53' | 'cloudflare'): CutoverCounts {
  return { list: callCost(kind, 'list'), apply: callCost(kind, 'apply'), confirm: callCost(kind, 'confirm') };
}
