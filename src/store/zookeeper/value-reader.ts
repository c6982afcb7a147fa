// Reads values: one key after a `sync`, or all keys under a prefix as they were at one revision.

import { OneupError } from '../../base/oneup-error.ts';
import type { StoreEntry } from '../../ports/store.ts';
import type { RemoteList } from '../remote-backend.ts';
import { type ChangeCursor, SEQ_END } from '../store-backend.ts';
import { type Asking, ask, askEach } from './ask-each.ts';
import type { BlobFiles } from './blob-files.ts';
import { readData } from './data-record.ts';
import type { LogFollower } from './log-follower.ts';
import { getData, sync } from './questions.ts';
import { CODE, refusal } from './reply-codes.ts';
import { untilAborted } from './until-aborted.ts';
import type { ZnodePaths } from './znode-paths.ts';
import type { ZookeeperLine } from './zookeeper-line.ts';

/** Values are read in pages, so that the raw answers of a large list are not all held at once. */
const PAGE = 256;
/** Reading again is needed only while what is read changes faster than it can be read. */
const ROUNDS_MAX = 8;

export type ValueReaderOptions = {
  readonly line: ZookeeperLine;
  readonly paths: ZnodePaths;
  readonly follower: LogFollower;
  readonly blobs: BlobFiles;
};

type Found = ReadonlyMap<string, StoreEntry>;

export class ValueReader {
  readonly #on: ValueReaderOptions;

  constructor(options: ValueReaderOptions) {
    this.#on = options;
  }

  async get(key: string, signal: AbortSignal): Promise<StoreEntry | null> {
    const { line, paths, follower } = this.#on;
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const asking = { connection: await line.connection(signal), signal };
      const [synced, read] = await Promise.all([ask(asking, sync(paths.root)), this.#read(asking, [key])]);
      if (synced.code !== CODE.ok) throw refusal(synced.code, 'read the latest state');
      const { entry, isBound } = read[0] as Read;
      if (entry === 'moved') continue;
      if (entry === null || !isBound) return entry;
      // A key of a vanished session is ignored (S5). The session is looked at after the key: while it is there, it was.
      await untilAborted(follower.catchUp(), signal);
      const row = follower.index.get(key);
      if (row === undefined) return null;
      if (row.version === entry.version) return entry;
    }
    throw tooBusy(key);
  }

  /** Reads every value once, then lays over it what changed while it was read. */
  async list(prefix: string, signal: AbortSignal): Promise<RemoteList> {
    const { line, follower } = this.#on;
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      await untilAborted(follower.catchUp(), signal);
      const from = follower.index.revision;
      const keys = follower.index.keysUnder(prefix);
      const asking = { connection: await line.connection(signal), signal };
      const found = new Map<string, StoreEntry>();
      for (let at = 0; at < keys.length; at += PAGE) {
        for (const { entry } of await this.#read(asking, keys.slice(at, at + PAGE))) {
          if (entry !== null && entry !== 'moved') found.set(entry.key, entry);
        }
      }
      if (keys.length > 0) await untilAborted(follower.catchUp(), signal);
      const entries = this.#assemble(prefix, from, found);
      if (entries !== null) return { entries, revision: follower.index.revision };
    }
    throw tooBusy(prefix);
  }

  async #read(asking: Asking, keys: readonly string[]): Promise<readonly Read[]> {
    const { paths, blobs } = this.#on;
    const answers = await askEach(
      asking,
      keys.map((key) => getData(paths.dataOf(key))),
    );
    const entries: Read[] = [];
    for (const [at, { code, value: answer }] of answers.entries()) {
      const key = keys[at] as string;
      if (code !== CODE.ok && code !== CODE.noNode) throw refusal(code, 'read a key');
      if (answer === null) {
        entries.push({ entry: null, isBound: false });
        continue;
      }
      const { version, session, value } = readData(answer.data, paths.dataOf(key));
      const text = typeof value === 'string' ? value : await blobs.read(asking, value);
      const entry =
        text === null ? 'moved' : Object.freeze({ key, value: text, version, sessionId: session?.id ?? null });
      entries.push({ entry, isBound: session !== null });
    }
    return entries;
  }

  /** The state at the revision of the index; null when the changes since `from` are no longer known. */
  #assemble(prefix: string, from: number, found: Found): readonly StoreEntry[] | null {
    const { follower } = this.#on;
    const latest = new Map(found);
    let cursor: ChangeCursor = { revision: from, seq: SEQ_END };
    for (;;) {
      const page = follower.recent.page(prefix, cursor);
      if (page?.kind !== 'changes') return null;
      for (const change of page.changes) if (change.kind === 'put') latest.set(change.entry.key, change.entry);
      if (page.changes.length === 0) break;
      cursor = page.next;
    }
    const entries: StoreEntry[] = [];
    for (const key of follower.index.keysUnder(prefix)) {
      const entry = latest.get(key);
      if (entry?.version !== follower.index.get(key)?.version || entry === undefined) return null;
      entries.push(entry);
    }
    return entries;
  }
}

/** `moved`: the value was replaced while it was read. */
type Read = { readonly entry: StoreEntry | 'moved' | null; readonly isBound: boolean };

function tooBusy(what: string): OneupError {
  return new OneupError(
    'ONEUP_STORE_UNREACHABLE',
    `Cannot read from ZooKeeper: it changes faster than it can be read, value was ${what}`,
  );
}
