// A process that lists a name at Route 53 with what the SDK finds by itself in its environment, and prints what came of it.
import { createRoute53Provider } from '../../../../providers/route53/index.ts';
import { OneupError } from '../../../../src/base/oneup-error.ts';
import { createSystemClock } from '../../../../src/clock/system-clock.ts';

const { DOUBLE_ENDPOINT: endpoint = '', DOUBLE_ZONE: zone = '', DOUBLE_PROFILE: profile } = process.env;
const provider = createRoute53Provider({
  name: 'aws',
  clock: createSystemClock(),
  zones: { 'example.com.': zone },
  credentials: profile === undefined ? { kind: 'default' } : { kind: 'profile', profile },
  assumeRole: null,
  region: null,
  endpoint,
  timeoutMs: 10_000,
});
try {
  const listed = await provider.list('example.com.', {
    names: ['app.example.com.'],
    signal: new AbortController().signal,
  });
  console.log(`listed ${listed.length}`);
} catch (error) {
  console.log(error instanceof OneupError ? error.code : error);
}
