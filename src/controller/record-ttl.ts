// The TTLs with which a record is really published: as configured, within what its provider takes. Every write, wait and
// estimate uses these, so that `plan` promises what DNS does.
import type { Config, RecordConfig } from '../config/config.ts';
import { type ProviderTraits, providerTraits } from '../plan/provider-traits.ts';
import { clampTtl, type RecordTtl } from '../plan/ttl-for-level.ts';

export type PublishedTtl = { readonly ttl: RecordTtl; readonly traits: ProviderTraits };

/** Throws RangeError for a record whose provider is not configured: configuration has checked that. */
export function publishedTtl({ providers }: Pick<Config, 'providers'>, record: RecordConfig): PublishedTtl {
  const found = providers.find(({ name }) => name === record.provider);
  if (found === undefined) throw new RangeError(`Cannot plan ${record.name}: there is no provider ${record.provider}`);
  const traits = providerTraits(found.kind);
  return { ttl: clampTtl(record.ttl, traits), traits };
}
