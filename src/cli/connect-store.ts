// Opens the store and makes sure that it is the one this prober knows: its cluster, its generation, and not an older state of
// it (S4). Tries for as long as it takes: `oneup run` never ends because a store is away (S38).
import { join } from 'node:path';
import { OneupError } from '../base/oneup-error.ts';
import { storeKeys } from '../base/store-keys.ts';
import type { Config, ProberConfig } from '../config/config.ts';
import { parseTerm } from '../controller/term-record.ts';
import type { Store } from '../ports/store.ts';
import { type ClusterRecord, readStanding } from '../store/cluster-record.ts';
import { HighWater } from '../store/high-water.ts';
import { compareWithStore, type HighWaterMark } from '../store/high-water-mark.ts';
import type { AppDeps } from './app-deps.ts';
import { openStore } from './open-store.ts';
import { findAhead, ownersAtPeers } from './peers-ahead.ts';

export type Connected = {
  readonly store: Store;
  readonly meta: ClusterRecord;
  /** Of that record in the store: it changes when somebody begins another generation. */
  readonly metaVersion: number;
  readonly highWater: HighWater;
};

export type ConnectOptions = {
  readonly config: Config;
  /** Who connects: its peers are asked what they have seen. */
  readonly prober: ProberConfig;
  /** Opened once, at start: a disk that fails later must not take the high-water mark with it. */
  readonly highWater: HighWater;
  readonly deps: AppDeps;
  readonly onProblem: (problem: OneupError) => void;
};

const RETRY_MS = 500;
/** What a first start cannot get over by waiting: nobody but a person changes it. */
const FINAL_AT_FIRST_START: ReadonlySet<string> = new Set([
  'ONEUP_STORE_NOT_INITIALISED',
  'ONEUP_STORE_FOREIGN',
  'ONEUP_STORE_NEWER',
]);

/**
 * Rejects when the signal aborts, or at the first start of a prober with a store that does not belong to its cluster. Every
 * other fault, of whatever kind, is a problem to tell and to try again (S38).
 */
export async function connectStore(options: ConnectOptions): Promise<Connected> {
  const { deps, highWater, onProblem } = options;
  for (;;) {
    deps.signal.throwIfAborted();
    try {
      return await connectOnce(options);
    } catch (error) {
      if (deps.signal.aborted) throw error;
      const problem = asProblem(error);
      if (highWater.mark() === null && FINAL_AT_FIRST_START.has(problem.code)) throw problem;
      onProblem(highWater.mark() === null ? problem : asLost(problem));
    }
    await deps.clock.sleep(RETRY_MS, { signal: deps.signal });
  }
}

/** A prober that has known the store never advises to make a new one: what is gone is put back (S4). */
function asLost(problem: OneupError): OneupError {
  if (problem.code !== 'ONEUP_STORE_NOT_INITIALISED') return problem;
  return new OneupError('ONEUP_STORE_LOST', `Cannot use store: it was known and is gone. ${problem.message}`, {
    cause: problem,
  });
}

function asProblem(error: unknown): OneupError {
  if (error instanceof OneupError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new OneupError('ONEUP_STORE_UNREACHABLE', `Cannot use the store: ${reason}`, { cause: error });
}

/** The high-water mark of a prober; throws ONEUP_STATE_CORRUPT for a damaged file. */
export function openHighWater(config: Config, prober: ProberConfig): Promise<HighWater> {
  return HighWater.open(join(config.cluster.stateDir, prober.id, 'high-water.json'));
}

async function connectOnce({ config, prober, deps, highWater }: ConnectOptions): Promise<Connected> {
  const store = await openStore(config, deps);
  try {
    // Before the store is read: what a peer serves now was in the store already, if it is the same one.
    const owners = await ownersAtPeers(config, prober, deps);
    const { record: meta, version: metaVersion } = await readStanding(store, config.cluster.name);
    const seen = await readMark(store, config, meta);
    const compared = compareWithStore(highWater.mark(), seen);
    if (compared.kind === 'wentBack')
      throw new OneupError('ONEUP_STORE_WENT_BACK', `Cannot use the store: ${compared.reason}`);
    if (compared.kind === 'foreign')
      throw new OneupError('ONEUP_STORE_FOREIGN', `Cannot use the store: ${compared.reason}`);
    const ahead = await findAhead(store, config, meta, owners);
    if (ahead !== null) throw new OneupError('ONEUP_STORE_WENT_BACK', `Cannot use the store: ${ahead}`);
    await highWater.raise(seen);
    return { store, meta, metaVersion, highWater };
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
}

/** The furthest state that the store shows now. */
export async function readMark(store: Store, config: Config, meta: ClusterRecord): Promise<HighWaterMark> {
  const keys = storeKeys(config.cluster.name);
  const { entries, revision } = await store.list(keys.services);
  // A record that cannot be read shows nothing, and no step back either: its service is held by whoever controls it.
  const epochs = entries.flatMap((entry) => {
    const epoch = epochIn(entry.value);
    return epoch === null ? [] : [[entry.key.slice(keys.services.length), epoch] as const];
  });
  const { term } = parseTerm((await store.get(keys.term))?.value);
  return { generation: meta.generation, revision, term, epochs: Object.fromEntries(epochs) };
}

function epochIn(text: string): number | null {
  try {
    const value: unknown = JSON.parse(text);
    const epoch = typeof value === 'object' && value !== null && 'epoch' in value ? value.epoch : null;
    return typeof epoch === 'number' && Number.isSafeInteger(epoch) ? epoch : null;
  } catch {
    return null;
  }
}
