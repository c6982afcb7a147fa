// From an entry of `providers` to the provider: the one place that knows all kinds.
import { createBuiltinProvider } from '../../providers/builtin/index.ts';
import { CLOUDFLARE_CAPABILITIES } from '../../providers/cloudflare/capabilities.ts';
import { createLazyProvider } from '../../providers/lazy-provider.ts';
import { RFC2136_CAPABILITIES } from '../../providers/rfc2136/capabilities.ts';
import { ROUTE53_CAPABILITIES } from '../../providers/route53/capabilities.ts';
import type { Clock } from '../base/clock.ts';
import type { StoreKeys } from '../base/store-keys.ts';
import type { ExternalProviderConfig, ProviderConfig } from '../config/provider-config.ts';
import type { DnsProvider } from '../ports/dns-provider.ts';
import type { Store } from '../ports/store.ts';

export type ProviderDeps = { readonly store: Store; readonly keys: StoreKeys; readonly clock: Clock };

/** What is loaded for a kind, and by no configuration without it. */
const CODE = {
  rfc2136: () => import('../../providers/rfc2136/index.ts'),
  powerdns: () => import('../../providers/powerdns/index.ts'),
  route53: () => import('../../providers/route53/index.ts'),
  cloudflare: () => import('../../providers/cloudflare/index.ts'),
} as const satisfies Record<Exclude<ProviderConfig['kind'], 'builtin'>, () => Promise<unknown>>;

/**
 * Loads the code of the providers that a configuration names. The SDK of a cloud holds the event loop for most of a second: in the
 * middle of a failover that would cost votes (S23) and answers. A load that fails is told by the first call.
 */
export async function loadProviders(configs: readonly ProviderConfig[]): Promise<void> {
  const loads = new Map<string, () => Promise<unknown>>(Object.entries(CODE));
  const kinds = new Set(configs.map(({ kind }) => kind));
  await Promise.allSettled([...kinds].map((kind) => loads.get(kind)?.()));
}

/** One provider for each name, made when it is first asked for. Throws TypeError for a name that configuration has refused. */
export function createProviders(configs: readonly ProviderConfig[], deps: ProviderDeps): (name: string) => DnsProvider {
  const made = new Map<string, DnsProvider>();
  return (name) => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const config = configs.find((candidate) => candidate.name === name);
    if (config === undefined) throw new TypeError(`Cannot find provider ${name}: configuration should have refused it`);
    const provider = createProvider(config, deps);
    made.set(name, provider);
    return provider;
  };
}

/** Those that need no store: for commands that ask outside providers by themselves. */
export function createOutsideProviders(
  configs: readonly ProviderConfig[],
  clock: Clock,
): (name: string) => DnsProvider {
  return (name) => {
    const config = configs.find((candidate) => candidate.name === name);
    if (config === undefined || config.kind === 'builtin') throw new TypeError(`Cannot find outside provider ${name}`);
    return createOutside(config, clock);
  };
}

/** Nothing is asked before the first call, and no SDK is loaded but by that or by `loadProviders`. */
function createProvider(config: ProviderConfig, { store, keys, clock }: ProviderDeps): DnsProvider {
  if (config.kind === 'builtin') return createBuiltinProvider({ name: config.name, store, keys });
  return createOutside(config, clock);
}

function createOutside(config: ExternalProviderConfig, clock: Clock): DnsProvider {
  const { name, kind } = config;
  switch (kind) {
    case 'rfc2136':
      return createLazyProvider({
        ...{ name, kind, capabilities: RFC2136_CAPABILITIES },
        load: async () => {
          const { createRfc2136Provider } = await CODE.rfc2136();
          const { server, tsig, timeoutMs } = config;
          return createRfc2136Provider({ name, clock, server, tsig, timeoutMs });
        },
      });
    case 'powerdns':
      return createLazyProvider({
        ...{ name, kind, capabilities: RFC2136_CAPABILITIES },
        load: async () => {
          const { createPowerDnsProvider } = await CODE.powerdns();
          const { server, tsig, timeoutMs, api } = config;
          return createPowerDnsProvider({ name, clock, server, tsig, timeoutMs, api });
        },
      });
    case 'cloudflare':
      return createLazyProvider({
        ...{ name, kind, capabilities: CLOUDFLARE_CAPABILITIES },
        load: async () => {
          const { createCloudflareProvider } = await CODE.cloudflare();
          const { zones, zoneId, apiToken, timeoutMs, endpoint } = config;
          const zoneIds = Object.fromEntries(zones.map((zone) => [zone, zoneId]));
          return createCloudflareProvider({ name, zoneIds, apiToken, timeoutMs, endpoint });
        },
      });
    case 'route53':
      return createLazyProvider({
        ...{ name, kind, capabilities: ROUTE53_CAPABILITIES },
        load: async () => {
          const { createRoute53Provider } = await CODE.route53();
          const { zones: names, hostedZoneId, credentials, assumeRole, region, endpoint, timeoutMs } = config;
          const zones = Object.fromEntries(names.map((zone) => [zone, hostedZoneId]));
          return createRoute53Provider({ name, clock, zones, credentials, assumeRole, region, endpoint, timeoutMs });
        },
      });
  }
}
