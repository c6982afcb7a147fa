// A provider whose code is loaded by its first call: the SDKs of clouds take longer to load than everything else together, and
// most clusters use none of them. What must be known without asking anybody, its capabilities, is there at once.
import { OneupError } from '../src/base/oneup-error.ts';
import type { DnsProvider } from '../src/ports/dns-provider.ts';
import { applyFailure } from './apply-failure.ts';

export type LazyProviderOptions = Pick<DnsProvider, 'name' | 'kind' | 'capabilities'> & {
  readonly load: () => Promise<DnsProvider>;
};

/** Loads once; a load that failed is tried again by the next call. */
export function createLazyProvider({ name, kind, capabilities, load }: LazyProviderOptions): DnsProvider {
  let loading: Promise<DnsProvider> | null = null;
  const loaded = (): Promise<DnsProvider> => {
    loading ??= load().catch((error: unknown) => {
      loading = null;
      throw error;
    });
    return loading;
  };
  return {
    name,
    kind,
    capabilities,
    list: async (zone, options) => {
      const provider = await loaded().catch((error: unknown) => {
        throw new OneupError('ONEUP_PROVIDER_UNREACHABLE', `Cannot list ${zone}: ${unloadable(name, error)}`);
      });
      return provider.list(zone, options);
    },
    apply: async (zone, changes, options) => {
      const provider = await loaded().catch((error: unknown) => unloadable(name, error));
      // Nothing was sent, whatever kept it from being loaded.
      if (typeof provider === 'string')
        return applyFailure('ONEUP_PROVIDER_UNREACHABLE', `Cannot write ${zone}: ${provider}`);
      return provider.apply(zone, changes, options);
    },
    confirm: async (changeId, options) => (await loaded()).confirm(changeId, options),
  };
}

function unloadable(name: string, error: unknown): string {
  return `provider ${name} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`;
}
