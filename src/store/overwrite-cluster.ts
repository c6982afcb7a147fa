// `init --force`: begins a cluster anew in a store that holds it already. What was there is gone for good, except that the new
// generation is above it, so that nothing which still believes in the old one is obeyed (S4).
import { storeKeys } from '../base/store-keys.ts';
import type { Guard, Store, StoreWrite } from '../ports/store.ts';
import { type ClusterRecord, createRecord, firstWrites, type NewCluster } from './cluster-record.ts';
import { commitInParts } from './commit-in-parts.ts';
import { beginRebuild, rebuildLost } from './rebuild-cluster.ts';
import { refuseUncountable } from './refuse-uncountable.ts';

/** Well below what every engine takes in one commit. */
const DELETES_AT_ONCE = 1_000;
/** A prober that is still ending may leave a record behind what was listed; nobody does so ten times. */
const SWEEPS = 10;

/**
 * Marks the record, deletes everything under the mark, and ends with the new record: at no moment is there half a cluster that
 * anybody goes by. Throws ONEUP_STORE_NOT_INITIALISED when there is nothing to overwrite, ONEUP_REFUSED
 * for a number in the store that nothing can be above, ONEUP_STORE_LOST when somebody
 * was quicker or the outcome is unknown; then, and after a crash, it is safe to repeat.
 */
export async function overwriteCluster(store: Store, cluster: NewCluster): Promise<ClusterRecord> {
  const name = cluster.cluster;
  const token = `init-${createRecord(cluster).generation.id}`;
  await refuseUncountable(store, name, 'overwrite');
  const { before, guards, term } = await beginRebuild(store, name, { by: 'init', token, termAbove: 0 });
  const record = createRecord({
    ...cluster,
    highestSeen: Math.max(before.generation.number, cluster.highestSeen),
  });
  const keys = storeKeys(name);
  const { data, last } = firstWrites(record, await aboveWhatIsThere(store, cluster));
  // Terms begin anew with the generation, but whoever held the last one may still be ending what it does (S9).
  const firstTerm: StoreWrite = { kind: 'put', key: keys.term, value: JSON.stringify({ ...term, term: 0 }) };
  const ending = [...last.filter(({ key }) => key !== keys.term), firstTerm];
  const kept = new Set([...data.flat(), ...ending].map(({ key }) => key));
  await deleteOthers(store, { cluster: name, guards, kept, token });
  const result = await commitInParts(store, guards, { data, last: ending, token });
  if (result.kind !== 'committed') throw rebuildLost(name, 'init');
  return record;
}

/** S4: keepers and scripts know services by their epochs, so that those of the old cluster stay below. */
async function aboveWhatIsThere(store: Store, cluster: NewCluster): Promise<NewCluster> {
  if (cluster.above === undefined) return cluster;
  const { services } = storeKeys(cluster.cluster);
  const epochs = new Map(cluster.above.epochs);
  for (const { key, value } of (await store.list(services)).entries) {
    const id = key.slice(services.length);
    epochs.set(id, Math.max(epochIn(value), epochs.get(id) ?? 0));
  }
  return { ...cluster, above: { ...cluster.above, epochs } };
}

/** 0 in a record that cannot be read: nobody knows more about it. */
function epochIn(text: string): number {
  try {
    const { epoch } = (JSON.parse(text) ?? {}) as { readonly epoch?: unknown };
    return typeof epoch === 'number' && Number.isSafeInteger(epoch) && epoch > 0 ? epoch : 0;
  } catch {
    return 0;
  }
}

type Sweep = {
  readonly cluster: string;
  readonly guards: readonly Guard[];
  readonly kept: ReadonlySet<string>;
  readonly token: string;
};

async function deleteOthers(store: Store, { cluster, guards, kept, token }: Sweep): Promise<void> {
  for (let sweep = 1; sweep <= SWEEPS; sweep += 1) {
    const { entries } = await store.list(storeKeys(cluster).root);
    const old = entries.filter(({ key }) => !kept.has(key)).map(({ key }): StoreWrite => ({ kind: 'delete', key }));
    if (old.length === 0) return;
    for (let at = 0; at < old.length; at += DELETES_AT_ONCE) {
      const writes = old.slice(at, at + DELETES_AT_ONCE);
      const result = await store.commit({ guards, writes, token: `${token}-delete-${sweep}-${at}` });
      if (result.kind !== 'committed') throw rebuildLost(cluster, 'init');
    }
  }
  throw rebuildLost(cluster, 'init');
}
