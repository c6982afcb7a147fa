// Operations that have ended, and the journal of any operation: asked of the store itself, because no copy keeps them.
import type { OpId, ServiceId } from '../base/ids.ts';
import type { StoreKeys } from '../base/store-keys.ts';
import type { HistoryEntry, JournalEntry } from '../failover/machine-effect.ts';
import type { Store } from '../ports/store.ts';

type HistoryDeps = { readonly store: Store; readonly keys: StoreKeys };

/** Newest first, at most `limit`. */
export async function readHistory(
  { store, keys }: HistoryDeps,
  { service, limit }: { readonly service: ServiceId; readonly limit: number },
): Promise<readonly HistoryEntry[]> {
  const { entries } = await store.list(keys.histories(service));
  return [...entries]
    .sort((a, b) => b.version - a.version)
    .slice(0, limit)
    .map((entry) => JSON.parse(entry.value) as HistoryEntry);
}

/** In the order in which it was written. */
export async function readJournal(
  { store, keys }: HistoryDeps,
  { service, opId }: { readonly service: ServiceId; readonly opId: OpId },
): Promise<readonly JournalEntry[]> {
  const { entries } = await store.list(keys.journal(service, opId));
  return entries.map((entry) => JSON.parse(entry.value) as JournalEntry);
}
