// What the controller of the moment has asked of the providers, as it told every prober: for `status` and `why`.
import type { StoreKeys } from '../base/store-keys.ts';
import type { StoreView } from '../ports/store-view.ts';
import { callsRecordSchema, type ProviderCalls } from './call-counters.ts';

export type { ProviderCalls };

/** Empty where nothing was asked yet, where all is the zone of oneup itself, and where the record cannot be read. */
export function readProviderCalls(
  { keys, view }: { readonly keys: StoreKeys; readonly view: StoreView },
  prober: string | null,
): readonly ProviderCalls[] {
  if (prober === null) return [];
  try {
    const told = callsRecordSchema.safeParse(JSON.parse(view.get(keys.providerCalls(prober))?.value ?? '[]'));
    return told.success ? told.data : [];
  } catch {
    return [];
  }
}
