// The world of the Route 53 provider: the double of the service, and clients whose keys it treats with a fate each.
import { createRoute53Provider, type Route53ProviderOptions } from '../../providers/route53/index.ts';
import { Secret } from '../../src/base/secret.ts';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import type { DnsProvider } from '../../src/ports/dns-provider.ts';
import type { ProviderWorld, WriteFate } from '../conformance/provider.ts';
import { OTHER_ZONE, ZONE } from '../conformance/provider-samples.ts';
import type { AccessKey } from '../doubles/route53/access.ts';
import type { Fault } from '../doubles/route53/fault.ts';
import { Route53Double } from '../doubles/route53/route53-double.ts';
import { freePort } from './servers/free-port.ts';

const FATES: Readonly<Record<WriteFate, Fault | null>> = {
  answered: null,
  unreachable: null,
  writtenUnanswered: { kind: 'dropAfter' },
  droppedUnanswered: { kind: 'drop' },
};

/** A client of the double with this key; `rest` replaces what it would be made with. */
export function route53Client(
  double: Route53Double,
  key: AccessKey,
  rest: Partial<Route53ProviderOptions> = {},
): DnsProvider {
  return createRoute53Provider({
    name: 'aws',
    clock: createSystemClock(),
    zones: Object.fromEntries(double.zones.all().map(({ name, id }) => [name, id])),
    credentials: keysOf(key),
    assumeRole: null,
    region: null,
    endpoint: double.endpoint,
    timeoutMs: 30_000,
    ...rest,
  });
}

export function keysOf({
  accessKeyId,
  secretAccessKey,
  sessionToken,
}: AccessKey): Route53ProviderOptions['credentials'] {
  const token = sessionToken === undefined ? null : new Secret(sessionToken);
  const pair = { accessKeyId: new Secret(accessKeyId), secretAccessKey: new Secret(secretAccessKey) };
  return { kind: 'keys', ...pair, sessionToken: token };
}

export async function makeRoute53ProviderWorld(): Promise<ProviderWorld> {
  const double = await Route53Double.start();
  for (const zone of [ZONE, OTHER_ZONE]) double.zones.create(zone);
  const fates = new Map<string, Fault | null>();
  double.fault = ({ operation, accessKeyId }) =>
    operation === 'ChangeResourceRecordSets' ? (fates.get(accessKeyId) ?? null) : null;
  const nobody = await freePort();
  return {
    connect: (fate = 'answered') => {
      const key = double.addKey();
      fates.set(key.accessKeyId, FATES[fate]);
      return route53Client(double, key, fate === 'unreachable' ? { endpoint: `http://127.0.0.1:${nobody}` } : {});
    },
    [Symbol.asyncDispose]: () => double[Symbol.asyncDispose](),
  };
}
