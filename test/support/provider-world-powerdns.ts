// The world of the PowerDNS provider: a real server on loopback, updates to it through a relay, and its HTTP API.
import { createPowerDnsProvider } from '../../providers/powerdns/index.ts';
import { Secret } from '../../src/base/secret.ts';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import type { DnsProvider } from '../../src/ports/dns-provider.ts';
import type { ProviderWorld } from '../conformance/provider.ts';
import { openRelays, waitForZones } from './provider-world-rfc2136.ts';
import { POWERDNS_API_KEY, startPowerDns } from './servers/powerdns-server.ts';
import { UPDATE_KEY } from './servers/update-zones.ts';

/** A client that sends updates to `port` and asks the API at `apiUrl`. */
export function powerDnsClient({
  port,
  apiUrl,
  apiKey = POWERDNS_API_KEY,
}: {
  readonly port: number;
  readonly apiUrl: string;
  readonly apiKey?: string;
}): DnsProvider {
  return createPowerDnsProvider({
    name: 'pdns',
    clock: createSystemClock(),
    server: { host: '127.0.0.1', port },
    tsig: { ...UPDATE_KEY, secret: new Secret(UPDATE_KEY.secret) },
    timeoutMs: 30_000,
    api: { url: apiUrl, apiKey: new Secret(apiKey), serverId: 'localhost' },
  });
}

export async function makePowerDnsWorld(): Promise<ProviderWorld> {
  const server = await startPowerDns();
  await waitForZones(powerDnsClient(server));
  const relays = await openRelays(server.port);
  return {
    connect: (fate = 'answered') => {
      const port = relays.portOf(fate);
      return powerDnsClient({ port, apiUrl: fate === 'unreachable' ? `http://127.0.0.1:${port}` : server.apiUrl });
    },
    [Symbol.asyncDispose]: async () => {
      await relays[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
