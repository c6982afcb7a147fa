// The Cloudflare provider keeps the contract of providers, with the vendor's SDK over HTTP against the double of the API.
import assert from 'node:assert/strict';
import { makeLiveWorld } from '../live/live-world.ts';
import { makeCloudflareProviderWorld, ZONE_ID } from '../support/provider-world-cloudflare.ts';
import { describeProviderContract } from './provider.ts';
import { ZONE } from './provider-samples.ts';

describeProviderContract('cloudflare', makeCloudflareProviderWorld);

// As on a real account: names below a label of a zone, and nothing left there in the end.
describeProviderContract('cloudflare, through the frame of the live tests', async () => {
  const world = await makeCloudflareProviderWorld();
  const frame = makeLiveWorld({
    zone: ZONE,
    connect: () => world.connect(),
    connectToNobody: () => world.connect('unreachable'),
    pauseMs: 0,
  });
  return {
    connect: frame.connect,
    [Symbol.asyncDispose]: async () => {
      await frame[Symbol.asyncDispose]();
      const left = world.double.zone(ZONE_ID).records;
      await world[Symbol.asyncDispose]();
      assert.deepEqual(left, []);
    },
  };
});
