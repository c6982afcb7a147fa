// The Route 53 provider keeps the contract of providers, with the vendor's SDK over HTTP against the double of the service.
import { makeLiveWorld } from '../live/live-world.ts';
import { makeRoute53ProviderWorld } from '../support/provider-world-route53.ts';
import { describeProviderContract } from './provider.ts';
import { ZONE } from './provider-samples.ts';

describeProviderContract('route53', makeRoute53ProviderWorld);

// The frame of the live tests on the double, where what it renames is seen to arrive and to be removed again.
describeProviderContract('route53, through the frame of the live tests', async () => {
  const world = await makeRoute53ProviderWorld();
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
      await world[Symbol.asyncDispose]();
    },
  };
});
