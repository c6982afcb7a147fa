// Begins a new generation in a store that was restored from a backup (S4): above everything that anybody has seen, with nothing
// believed about what runs. What people have written down (history, failures, maintenance, freezes) stays.
import { randomUUID } from 'node:crypto';
import type { NodeId, ServiceId } from '../base/ids.ts';
import { OneupError } from '../base/oneup-error.ts';
import { storeKeys } from '../base/store-keys.ts';
import type { Store, StoreEntry, StoreWrite } from '../ports/store.ts';
import { type ClusterRecord, readMeta } from './cluster-record.ts';

export type Recovery = {
  readonly cluster: string;
  readonly services: readonly { readonly id: ServiceId; readonly nodes: readonly NodeId[] }[];
  /** Highest generation, term and epochs found outside the store; zero and nothing where none was found. */
  readonly highestGeneration: number;
  readonly highestTerm: number;
  readonly epochs: ReadonlyMap<ServiceId, number>;
};

/**
 * One commit, guarded by the cluster record. Every breadcrumb becomes `unknown`, every grant, operation and tail goes, no node
 * is active, epochs and the term are above the highest found. Throws ONEUP_STORE_NOT_INITIALISED, and ONEUP_STORE_LOST when
 * somebody else changed the record or the outcome is unknown; then it is safe to repeat.
 */
export async function recoverCluster(store: Store, recovery: Recovery): Promise<ClusterRecord> {
  const keys = storeKeys(recovery.cluster);
  const before = await readMeta(store, recovery.cluster);
  const meta = await store.get(keys.meta);
  const number = 1 + Math.max(before.generation.number, recovery.highestGeneration);
  const record: ClusterRecord = { ...before, generation: { number, id: randomUUID() } };
  const writes: StoreWrite[] = [
    { kind: 'put', key: keys.meta, value: JSON.stringify(record) },
    {
      kind: 'put',
      key: keys.term,
      value: JSON.stringify(1 + Math.max(await termOf(store, keys.term), recovery.highestTerm)),
    },
    { kind: 'delete', key: keys.controller },
    { kind: 'delete', key: keys.configProposed },
  ];
  for (const service of recovery.services) writes.push(...(await serviceWrites(store, recovery, service)));
  const token = `recover-${record.generation.id}`;
  const guards = [{ kind: 'version', key: keys.meta, version: meta?.version ?? 0 }] as const;
  const result = await store.commit({ guards, writes, token });
  if (result.kind === 'committed') return record;
  if (result.kind === 'unknown' && (await store.outcomeOf(token)) === 'committed') return record;
  throw new OneupError('ONEUP_STORE_LOST', `Cannot recover cluster: the commit failed, value was ${recovery.cluster}`, {
    remedy: 'Run oneup recover again',
  });
}

async function serviceWrites(
  store: Store,
  { cluster, epochs }: Recovery,
  { id, nodes }: Recovery['services'][number],
): Promise<readonly StoreWrite[]> {
  const keys = storeKeys(cluster);
  const unknown = (version: number) =>
    JSON.stringify({ kind: 'unknown', version, why: 'the cluster was recovered from a backup' });
  const crumbs = await Promise.all(
    nodes.map(async (node): Promise<StoreWrite> => {
      const key = keys.breadcrumb(id, node);
      return { kind: 'put', key, value: unknown(1 + numberIn(await store.get(key), 'version')) };
    }),
  );
  const gone = [keys.grant(id), keys.operation(id), keys.tail(id)];
  const deletes = gone.map((key): StoreWrite => ({ kind: 'delete', key }));
  const record = await store.get(keys.service(id));
  return [...crumbs, ...deletes, ...renewed(record, keys.service(id), epochs.get(id) ?? 0)];
}

/** The record of a service that nothing is known of any more, with what people have decided about it. */
function renewed(entry: StoreEntry | null, key: string, highestEpoch: number): readonly StoreWrite[] {
  if (entry === null) return [];
  const record = objectIn(entry);
  const dns = typeof record.dns === 'object' && record.dns !== null ? record.dns : {};
  const value = {
    ...record,
    epoch: 1 + Math.max(numberIn(entry, 'epoch'), highestEpoch),
    active: null,
    dns: { ...dns, confirmed: null, pending: null, unconfirmed: [] },
    early: null,
    drill: null,
    scheduled: null,
    settling: false,
    laggards: [],
    dnsProblem: null,
  };
  return [{ kind: 'put', key, value: JSON.stringify(value) }];
}

async function termOf(store: Store, key: string): Promise<number> {
  const entry = await store.get(key);
  if (entry === null) return 0;
  const bare = Number(entry.value);
  return Number.isSafeInteger(bare) ? bare : numberIn(entry, 'term');
}

function numberIn(entry: StoreEntry | null, field: string): number {
  const value = entry === null ? 0 : objectIn(entry)[field];
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : 0;
}

function objectIn({ key, value }: StoreEntry): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed === 'object' && parsed !== null) return { ...parsed };
  } catch {
    // Falls through to the one error below.
  }
  throw new OneupError('ONEUP_STORE_CORRUPT', `Cannot recover cluster: a record cannot be read, value was ${key}`);
}
