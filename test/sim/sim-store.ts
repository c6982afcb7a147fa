// A controller's line to the store: answers that get lost, commits that get lost, and commits that land late; and the history
// hears of what was really written.
import type { CommitResult, Store, StoreEntry } from '../../src/ports/store.ts';
import type { Draw } from './draw.ts';
import type { History } from './history.ts';
import type { Mutation } from './mutation.ts';
import type { SimClock } from './virtual-time.ts';

export type SimStoreOptions = {
  readonly store: Store;
  readonly draw: Draw;
  readonly history: History;
  /** True time, which goes on when the process does not. */
  readonly wire: SimClock;
  readonly mutation: Mutation | null;
  /** How often something goes wrong with a commit, from 0 to 1, asked each time. */
  readonly faultRate: () => number;
};

const LATE_MAX_MS = 400;

export function createSimStore({ store, draw, history, wire, mutation, faultRate }: SimStoreOptions): Store {
  const commitNow = async (request: Parameters<Store['commit']>[0]): Promise<CommitResult> => {
    const result = await store.commit(request);
    if (result.kind === 'committed') history.committed(request.writes);
    return result;
  };
  const unknown = (text: string): CommitResult => {
    history.note(`STORE ${text}`);
    history.count(`commit ${text}`);
    return { kind: 'unknown', cause: new Error(text) };
  };
  return {
    kind: store.kind,
    get: async (key) => mutate(await store.get(key), key, mutation),
    list: (prefix) => store.list(prefix),
    commit: async (request) => {
      if (!draw.chance(faultRate())) return commitNow(request);
      switch (draw.pick(['answer lost', 'request lost', 'late'] as const)) {
        case 'answer lost':
          await commitNow(request);
          return unknown('answer lost');
        case 'request lost':
          return unknown('request lost');
        case 'late':
          wire.timer(draw.between(1, LATE_MAX_MS), () => void commitNow(request));
          return unknown('late');
      }
    },
    outcomeOf: (token) => store.outcomeOf(token),
    watch: (prefix, options) => store.watch(prefix, options),
    openSession: (options) => store.openSession(options),
    health: () => store.health(),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

function mutate(entry: StoreEntry | null, key: string, mutation: Mutation | null): StoreEntry | null {
  if (entry === null || mutation !== 'skipProof' || !key.includes('/breadcrumb/')) return entry;
  const { version } = JSON.parse(entry.value) as { version: number };
  return { ...entry, value: JSON.stringify({ kind: 'down', version, how: 'believed', wallMs: 0, revision: 1e9 }) };
}
