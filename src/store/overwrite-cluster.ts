// `init --force`: begins a cluster anew in a store that holds it already. What was there is gone for good, except that the new
// generation is above it, so that nothing which still believes in the old one is obeyed (S4).
import { OneupError } from '../base/oneup-error.ts';
import { storeKeys } from '../base/store-keys.ts';
import type { Store, StoreWrite } from '../ports/store.ts';
import { type ClusterRecord, createRecord, firstWrites, type NewCluster, readMeta } from './cluster-record.ts';

/** Well below what every engine takes in one commit. */
const DELETES_AT_ONCE = 1_000;

/**
 * The first commit, guarded by the record it replaces, writes the new cluster; the old records go with it and in commits after
 * it. Throws ONEUP_STORE_NOT_INITIALISED when there is nothing to overwrite, ONEUP_STORE_LOST when somebody was quicker or the
 * outcome is unknown; then it is safe to repeat.
 */
export async function overwriteCluster(store: Store, cluster: NewCluster): Promise<ClusterRecord> {
  const keys = storeKeys(cluster.cluster);
  const before = await readMeta(store, cluster.cluster);
  const meta = await store.get(keys.meta);
  const highestSeen = Math.max(before.generation.number, cluster.highestSeen);
  const record = createRecord({ ...cluster, highestSeen });
  const first = firstWrites(record, cluster);
  const kept = new Set(first.map(({ key }) => key));
  const { entries } = await store.list(keys.root);
  const old = entries.filter(({ key }) => !kept.has(key)).map(({ key }): StoreWrite => ({ kind: 'delete', key }));
  const token = `init-${record.generation.id}`;
  const guards = [{ kind: 'version', key: keys.meta, version: meta?.version ?? 0 }] as const;
  const result = await store.commit({ guards, writes: [...first, ...old.slice(0, DELETES_AT_ONCE)], token });
  const isDone =
    result.kind === 'committed' || (result.kind === 'unknown' && (await store.outcomeOf(token)) === 'committed');
  if (!isDone) {
    throw new OneupError(
      'ONEUP_STORE_LOST',
      `Cannot overwrite cluster: the commit failed, value was ${cluster.cluster}`,
      {
        remedy: 'Run oneup init --force again',
      },
    );
  }
  for (let at = DELETES_AT_ONCE; at < old.length; at += DELETES_AT_ONCE) {
    const writes = old.slice(at, at + DELETES_AT_ONCE);
    await store.commit({ guards: [], writes, token: `${token}-${at}` });
  }
  return record;
}
