// Begins a new generation in a store that was restored from a backup (S4): above everything that anybody has seen, with nothing
// believed about what runs. What people have written down (history, failures, maintenance, freezes) stays.
import { randomUUID } from 'node:crypto';
import type { NodeId, ServiceId } from '../base/ids.ts';
import { OneupError } from '../base/oneup-error.ts';
import { storeKeys } from '../base/store-keys.ts';
import type { Store, StoreEntry, StoreWrite } from '../ports/store.ts';
import type { ClusterRecord } from './cluster-record.ts';
import { commitInParts, type PartedCommit } from './commit-in-parts.ts';
import { beginRebuild, rebuildLost } from './rebuild-cluster.ts';
import { refuseUncountable } from './refuse-uncountable.ts';

export type Recovery = {
  readonly cluster: string;
  /** Of the configuration at hand; what only the store knows is found in its records. */
  readonly services: readonly { readonly id: ServiceId; readonly nodes: readonly NodeId[] }[];
  /** Highest generation, term and epochs found outside the store; zero and nothing where none was found. */
  readonly highestGeneration: number;
  readonly highestTerm: number;
  readonly epochs: ReadonlyMap<ServiceId, number>;
  /** Answers that resolvers have, and that go on [none]. */
  readonly answers?: readonly StoreWrite[];
};

/**
 * Marks the cluster's record, and writes under the mark, in as many commits as it takes; the record of the new generation comes
 * last. Whatever configuration is at hand, every breadcrumb becomes `unknown`, every grant, operation and tail goes, no node is
 * active, epochs and the term are above the highest found. Throws ONEUP_STORE_NOT_INITIALISED, ONEUP_STORE_CORRUPT and ONEUP_REFUSED
 * with nothing written, and ONEUP_STORE_LOST when somebody else changed the record or the outcome is unknown; then, and after a crash, it is
 * safe to repeat.
 */
export async function recoverCluster(store: Store, recovery: Recovery): Promise<ClusterRecord> {
  const { cluster } = recovery;
  const keys = storeKeys(cluster);
  const token = `recover-${randomUUID()}`;
  // What cannot be read, or counted above, is found before anything is marked.
  await refuseUncountable(store, cluster, 'recover');
  await everyServiceWrites(store, recovery);
  const marked = await beginRebuild(store, cluster, { by: 'recover', token, termAbove: recovery.highestTerm });
  const { before, guards } = marked;
  const ahead = await agentsAhead(store, keys.agentsAhead);
  const number = 1 + Math.max(before.generation.number, recovery.highestGeneration, ...ahead.map(({ seen }) => seen));
  const record: ClusterRecord = { ...before, generation: { number, id: randomUUID() } };
  // Read again, for a controller may have written until its term was taken away.
  const data = [...(await everyServiceWrites(store, recovery)), ...(recovery.answers ?? []).map((write) => [write])];
  const last: readonly StoreWrite[] = [
    { kind: 'put', key: keys.meta, value: JSON.stringify(record) },
    { kind: 'delete', key: keys.configProposed },
    ...ahead.map(({ key }): StoreWrite => ({ kind: 'delete', key })),
    // What was asked of the old generation was answered there, and would be done once more (S10).
    ...(await store.list(keys.requests)).entries.map(({ key }): StoreWrite => ({ kind: 'delete', key })),
  ];
  const result = await commitInParts(store, guards, { data, last, token });
  if (result.kind !== 'committed') throw rebuildLost(cluster, 'recover');
  return record;
}

/** The records of services and nodes at one look: asked for one by one, a large cluster on a server takes a minute. */
type Found = ReadonlyMap<string, StoreEntry>;

async function everyServiceWrites(store: Store, recovery: Recovery): Promise<PartedCommit['data']> {
  const { root } = storeKeys(recovery.cluster);
  const found = new Map<string, StoreEntry>();
  for (const kind of ['service', 'grant', 'op', 'tail', 'breadcrumb']) {
    const { entries } = await store.list(`${root}${kind}/`);
    for (const entry of entries) found.set(entry.key, entry);
  }
  return everyService(found, recovery).map((service) => serviceWrites(found, recovery, service));
}

/** What agents have said that this store is behind of; a note that cannot be read says nothing. */
async function agentsAhead(store: Store, prefix: string): Promise<readonly { key: string; seen: number }[]> {
  const { entries } = await store.list(prefix);
  return entries.map(({ key, value }) => ({ key, seen: Number.isSafeInteger(Number(value)) ? Number(value) : 0 }));
}

/** The file at hand may be older than the store, or newer: no proof, grant or operation of either outlives the generation (S4). */
function everyService(found: Found, { cluster, services }: Recovery): Recovery['services'] {
  const { root } = storeKeys(cluster);
  const known = new Map(services.map(({ id, nodes }) => [id, new Set(nodes)]));
  for (const key of found.keys()) {
    const [, id = '', node] = key.slice(root.length).split('/');
    const nodes = known.get(id) ?? new Set();
    known.set(id, node === undefined ? nodes : nodes.add(node));
  }
  return [...known].map(([id, nodes]) => ({ id, nodes: [...nodes] }));
}

function serviceWrites(
  found: Found,
  { cluster, epochs }: Recovery,
  { id, nodes }: Recovery['services'][number],
): readonly StoreWrite[] {
  const keys = storeKeys(cluster);
  const unknown = (version: number) =>
    JSON.stringify({ kind: 'unknown', version, why: 'the cluster was recovered from a backup' });
  const crumbs = nodes.map((node): StoreWrite => {
    const key = keys.breadcrumb(id, node);
    return { kind: 'put', key, value: unknown(1 + numberIn(found.get(key) ?? null, 'version')) };
  });
  const gone = [keys.grant(id), keys.operation(id), keys.tail(id)];
  const deletes = gone.map((key): StoreWrite => ({ kind: 'delete', key }));
  const record = found.get(keys.service(id)) ?? null;
  return [...crumbs, ...deletes, ...renewed(record, keys.service(id), epochs.get(id) ?? 0)];
}

/** The record of a service that nothing is known of any more, with what people have decided about it. */
function renewed(entry: StoreEntry | null, key: string, highestEpoch: number): readonly StoreWrite[] {
  if (entry === null) return [];
  const record = objectIn(entry);
  const seconds = Object.entries(isObject(record.seconds) ? record.seconds : {});
  const value = {
    ...record,
    epoch: 1 + Math.max(numberIn(entry, 'epoch'), highestEpoch),
    active: null,
    dns: unwritten(record.dns),
    ...(seconds.length === 0 ? {} : { seconds: Object.fromEntries(seconds.map(unwrittenSecond)) }),
    early: null,
    drill: null,
    scheduled: null,
    settling: false,
    laggards: [],
    dnsProblem: null,
    ...(isObject(record.members) ? { members: unverified(record.members) } : {}),
  };
  return [{ kind: 'put', key, value: JSON.stringify(value) }];
}

/** Nobody knows what is in force: the TXT that is found there is of an older generation, and is written above (S4, S26). */
function unwritten(dns: unknown): object {
  // A change, or a repair, of the generation before is nobody's any more.
  const { mends: _, changeId: __, ...known } = isObject(dns) ? dns : {};
  const left = { ...known, confirmed: null, pending: null, unconfirmed: [] };
  // It may still be answered: forget takes its TXT away, and no other name takes its place (S26).
  return mayBePublished(known) ? { ...left, wasPublished: true } : left;
}

function mayBePublished({ wasPublished, confirmed, pending, unconfirmed }: Readonly<Record<string, unknown>>): boolean {
  const others = Array.isArray(unconfirmed) ? unconfirmed : [];
  return wasPublished === true || [confirmed, pending, ...others].some(isObject);
}

function unwrittenSecond([place, second]: readonly [string, unknown]): readonly [string, object] {
  return [place, { dns: unwritten(isObject(second) ? second.dns : null), dnsProblem: null }];
}

/** Nodes of an active-active service: seen up by a store that is gone, so verified anew; who is drained stays drained (S28). */
function unverified(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const entries = Object.entries(members).filter(([, member]) => isObject(member));
  return Object.fromEntries(
    entries.map(([id, member]) => [id, { ...(member as object), verified: null, isIn: false }]),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
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
