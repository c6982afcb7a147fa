// The record that says whose store this is: cluster, generation and schema (S4). Only `initialiseCluster` writes the first
// one; everybody else reads it before reading anything else, and refuses what is not theirs.
import { randomUUID } from 'node:crypto';
import type { NodeId, ServiceId } from '../base/ids.ts';
import { OneupError } from '../base/oneup-error.ts';
import { storeKeys } from '../base/store-keys.ts';
import type { Store, StoreWrite } from '../ports/store.ts';
import { commitInParts, type PartedCommit } from './commit-in-parts.ts';

/** Order is by number; an equal number with another id is another history of the cluster (S4). */
export type Generation = { readonly number: number; readonly id: string };

export type ClusterRecord = {
  readonly cluster: string;
  readonly generation: Generation;
  /** Raised when the meaning of any record changes. */
  readonly schema: number;
};

/** Stands in the record while a command writes the others anew; nobody may go by any of them meanwhile. */
export type Rebuild = {
  readonly by: 'init' | 'recover';
  /** Of one run of the command, so that two of them never write side by side. */
  readonly token: string;
};

/** The record with its version, also while it is being rebuilt. */
export type FoundRecord = {
  readonly record: ClusterRecord;
  readonly version: number;
  readonly rebuild: Rebuild | null;
};

export type NewCluster = {
  readonly cluster: string;
  /** Becomes `config/current`: the whole text before `${...}` substitution (S7). */
  readonly configText: string;
  readonly services: readonly { readonly id: ServiceId; readonly nodes: readonly NodeId[] }[];
  /** Highest generation found on agents, guards, providers and name servers; 0 when none was found (S4). */
  readonly highestSeen: number;
  /** Highest epochs found outside the store, and the record of a service that begins above one (S4) [none]. */
  readonly above?: {
    readonly epochs: ReadonlyMap<ServiceId, number>;
    readonly recordAbove: (epoch: number) => string;
  };
  /** Answers of zones that go on in the new cluster [none]. */
  readonly answers?: readonly StoreWrite[];
};

const RECORD_SCHEMA = 1;
/** All clusters that one store may hold, for a message that names them. */
const ALL_CLUSTERS = '/oneup/';
const META_SHAPE = /^\/oneup\/([^/]+)\/meta$/;

/**
 * Writes a new cluster: its record, term 0, the configuration, and for every node a breadcrumb `unknown`, since nothing is
 * known yet about what runs (S4, S11). Its record comes last, so a crash leaves all of it or what counts as nothing. Leaves
 * other clusters alone.
 * Throws ONEUP_STORE_INITIALISED when the cluster exists; then, and after ONEUP_STORE_LOST, it is safe to repeat.
 */
export async function initialiseCluster(store: Store, cluster: NewCluster): Promise<ClusterRecord> {
  const keys = storeKeys(cluster.cluster);
  const record = createRecord(cluster);
  const token = `init-${record.generation.id}`;
  const guards = [{ kind: 'absent', key: keys.meta }] as const;
  const result = await commitInParts(store, guards, { ...firstWrites(record, cluster), token });
  switch (result.kind) {
    case 'committed':
      return record;
    case 'conflict':
      // One that was cut off while it was overwritten is told as such.
      await readMeta(store, cluster.cluster);
      throw new OneupError(
        'ONEUP_STORE_INITIALISED',
        `Cannot initialise cluster: the store holds it already, value was ${cluster.cluster}`,
      );
    case 'unknown':
      throw new OneupError(
        'ONEUP_STORE_LOST',
        `Cannot initialise cluster: the store failed during the commit, value was ${cluster.cluster}`,
        { cause: result.cause, remedy: 'Check the disk or the server of the store, then run oneup init again' },
      );
  }
}

/**
 * The record of `cluster`. Throws ONEUP_STORE_NOT_INITIALISED, ONEUP_STORE_FOREIGN when only other clusters are there or
 * the record names another one, ONEUP_STORE_NEWER, ONEUP_STORE_CORRUPT, or ONEUP_STORE_REBUILDING.
 */
export async function readMeta(store: Store, cluster: string): Promise<ClusterRecord> {
  return (await readStanding(store, cluster)).record;
}

/** As `readMeta`, with the version of the record, by which others can tell that it still stands. */
export async function readStanding(store: Store, cluster: string): Promise<FoundRecord> {
  const found = await findRecord(store, cluster);
  if (found.rebuild !== null) throw new OneupError('ONEUP_STORE_REBUILDING', describeRebuild(cluster, found.rebuild));
  return found;
}

/** As `readMeta`, for the commands that may go on where one of them was cut off. */
export async function findRecord(store: Store, cluster: string): Promise<FoundRecord> {
  const { meta } = storeKeys(cluster);
  const entry = await store.get(meta);
  if (entry === null) throw await explainAbsence(store, cluster);
  const record = parseRecord(entry.value, meta);
  if (record.cluster !== cluster) throw foreign(cluster, [record.cluster]);
  return { record, version: entry.version, rebuild: rebuildIn(parseObject(entry.value)) };
}

export function describeRebuild(cluster: string, { by }: Rebuild): string {
  const command = by === 'init' ? 'oneup init --force' : 'oneup recover';
  return `Cannot read cluster: ${command} has begun to write its records anew and has not ended, value was ${cluster}`;
}

/** Whether this text of the record, if there is one, tells of another generation, or of one that is on its way. */
export function isOtherGeneration(text: string | undefined, { generation }: ClusterRecord): boolean {
  if (text === undefined) return false;
  const record = parseObject(text);
  if (rebuildIn(record) !== null) return true;
  const found = record?.generation;
  return !isGeneration(found) || found.number !== generation.number || found.id !== generation.id;
}

/** A record of a generation above the highest that was seen. */
export function createRecord({ cluster, highestSeen }: NewCluster): ClusterRecord {
  if (!(Number.isSafeInteger(highestSeen) && highestSeen >= 0 && highestSeen < Number.MAX_SAFE_INTEGER)) {
    throw new RangeError(`Cannot initialise cluster: highestSeen must be a whole number, value was ${highestSeen}`);
  }
  return { cluster, generation: { number: highestSeen + 1, id: randomUUID() }, schema: RECORD_SCHEMA };
}

/** What a new cluster begins with: a breadcrumb for every node, numbers and answers that go on, and then what makes it one. */
export function firstWrites(
  record: ClusterRecord,
  { configText, services, above, answers = [] }: NewCluster,
): Pick<PartedCommit, 'data' | 'last'> {
  const keys = storeKeys(record.cluster);
  const unknown = JSON.stringify({ kind: 'unknown', version: 0, why: 'the cluster was initialised' });
  const crumb = (key: string): StoreWrite => ({ kind: 'put', key, value: unknown });
  const numbered = services.flatMap(({ id }): readonly StoreWrite[] => {
    const epoch = above?.epochs.get(id) ?? 0;
    if (above === undefined || epoch === 0) return [];
    return [{ kind: 'put', key: keys.service(id), value: above.recordAbove(epoch) }];
  });
  return {
    data: [
      ...services.map(({ id, nodes }) => nodes.map((node) => crumb(keys.breadcrumb(id, node)))),
      ...[...numbered, ...answers].map((write) => [write]),
    ],
    last: [
      { kind: 'put', key: keys.meta, value: JSON.stringify(record) },
      { kind: 'put', key: keys.term, value: JSON.stringify(0) },
      { kind: 'put', key: keys.config, value: configText },
    ],
  };
}

async function explainAbsence(store: Store, cluster: string): Promise<OneupError> {
  const { entries } = await store.list(ALL_CLUSTERS);
  const others = entries.flatMap(({ key }) => META_SHAPE.exec(key)?.[1] ?? []);
  if (others.length > 0) return foreign(cluster, others);
  return new OneupError('ONEUP_STORE_NOT_INITIALISED', `Cannot read cluster: the store is empty, value was ${cluster}`);
}

function foreign(cluster: string, others: readonly string[]): OneupError {
  return new OneupError(
    'ONEUP_STORE_FOREIGN',
    `Cannot read cluster: the store holds ${others.join(', ')} instead, value was ${cluster}`,
    { remedy: 'Check cluster.store and cluster.name; to keep a second cluster in this store run oneup init' },
  );
}

function parseRecord(text: string, key: string): ClusterRecord {
  const value = parseObject(text);
  const { cluster, generation, schema } = value ?? {};
  // Looked at first: a newer program may have changed the shape of everything else.
  if (typeof schema === 'number' && schema > RECORD_SCHEMA) {
    throw new OneupError('ONEUP_STORE_NEWER', `Cannot read cluster: records are of schema ${schema}, value was ${key}`);
  }
  if (schema === RECORD_SCHEMA && typeof cluster === 'string' && isGeneration(generation)) {
    return { cluster, schema, generation: { number: generation.number, id: generation.id } };
  }
  throw new OneupError('ONEUP_STORE_CORRUPT', `Cannot read cluster: ${key} is no cluster record, value was ${text}`);
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    // Not JSON: the caller reports the text itself.
    return null;
  }
}

function rebuildIn(record: Readonly<Record<string, unknown>> | null): Rebuild | null {
  const found = record?.rebuild;
  if (typeof found !== 'object' || found === null) return null;
  const { by, token } = { by: undefined, token: undefined, ...found };
  // Of an unknown kind it is still no record to go by, and the command that overwrites all may end it.
  return { by: by === 'recover' ? 'recover' : 'init', token: String(token) };
}

function isGeneration(value: unknown): value is Generation {
  if (typeof value !== 'object' || value === null || !('number' in value) || !('id' in value)) return false;
  return (
    Number.isSafeInteger(value.number) && Number(value.number) >= 1 && typeof value.id === 'string' && value.id !== ''
  );
}
