// A provider for commands that people start, such as `adopt`, `forget` and `zone repair --dry-run`: asked by whichever prober has the
// command, and counted against the budget of the account that its controller keeps.
import type { ExternalProviderConfig, ProviderConfig } from '../config/provider-config.ts';
import type { DnsProvider } from '../ports/dns-provider.ts';
import { type Charging, chargeAccount } from './account-record.ts';
import { callCost } from './call-cost.ts';
import type { CallKind } from './call-counters.ts';

export type ProviderOf = (name: string) => DnsProvider;

/** The zone that oneup serves itself is the store: nobody counts there. */
export function chargedProviders(
  provider: ProviderOf,
  { providers, ...charging }: Charging & { readonly providers: readonly ProviderConfig[] },
): ProviderOf {
  return (name) => {
    const config = providers.find((candidate) => candidate.name === name);
    return config === undefined || config.kind === 'builtin'
      ? provider(name)
      : charged(provider(name), config, charging);
  };
}

function charged(inner: DnsProvider, config: ExternalProviderConfig, charging: Charging): DnsProvider {
  const counted = async <T>(kind: CallKind, call: () => Promise<T>): Promise<T> => {
    // At the same time: the count must not make anybody wait for the store before the provider is asked.
    const charge = chargeAccount(charging, config, callCost(config.kind, kind));
    try {
      return await call();
    } finally {
      await charge;
    }
  };
  return {
    ...inner,
    list: (zone, options) => counted('list', () => inner.list(zone, options)),
    apply: (zone, changes, options) => counted('apply', () => inner.apply(zone, changes, options)),
    confirm: (changeId, options) => counted('confirm', () => inner.confirm(changeId, options)),
  };
}
