// One process's way to the simulated store: calls take time on its own clock, answers and commits get lost, commits land late.
// A process that is stopped sends nothing and hears nothing until it goes on.
import type { CommitRequest, CommitResult, Store } from '../../src/ports/store.ts';
import type { Draw } from './draw.ts';
import type { History } from './history.ts';
import type { SimClock } from './sim-clock.ts';
import type { SimEngine } from './sim-engine.ts';

export type SimStoreOptions = {
  readonly store: Store;
  readonly engine: SimEngine;
  readonly draw: Draw;
  readonly history: Pick<History, 'committed' | 'count' | 'note'>;
  readonly sender: string;
  readonly clock: SimClock;
  /** True time, which goes on when the process does not. */
  readonly wire: SimClock;
  /** How often something goes wrong with a commit, from 0 to 1, asked each time. */
  readonly faultRate: () => number;
  /** Longest way of a call, in one direction; 0 is a store in the same process. */
  readonly delayMaxMs: number;
};

const LATE_MAX_MS = 400;
const VERY_LATE_MAX_MS = 3_000;

const FATES = ['answer lost', 'request lost', 'late'] as const;

export function createSimStore(options: SimStoreOptions): Store {
  const { store, engine, draw, history, sender, clock, wire, faultRate, delayMaxMs } = options;
  const travel = (): Promise<void> | undefined =>
    delayMaxMs === 0
      ? undefined
      : new Promise<void>((resolve) => void clock.timer(draw.between(0, delayMaxMs), resolve));
  const carry = async <T>(call: () => Promise<T>): Promise<T> => {
    await travel();
    try {
      return await call();
    } finally {
      await travel();
    }
  };
  const tell = (request: CommitRequest, result: CommitResult): CommitResult => {
    if (result.kind === 'committed') history.committed(sender, request);
    return result;
  };
  const unheard = (request: CommitRequest, result: CommitResult): CommitResult => {
    history.committed(sender, request);
    return result;
  };
  const unknown = (text: string): CommitResult => {
    history.note(() => `STORE ${text} of ${sender}`);
    history.count('fate', text);
    return { kind: 'unknown', cause: new Error(text) };
  };
  const commit = async (request: CommitRequest): Promise<CommitResult> => {
    const result = await store.commit(request);
    // A commit whose answer is lost on the way was done all the same, and the history must know.
    const isDone = result.kind === 'unknown' && engine.isWritten(request.token);
    return isDone ? unheard(request, result) : tell(request, result);
  };
  const lossy = async (request: CommitRequest): Promise<CommitResult> => {
    switch (draw.pick(FATES)) {
      case 'answer lost':
        await commit(request);
        return unknown('commit answer lost');
      case 'request lost':
        return unknown('commit request lost');
      case 'late':
        wire.timer(
          draw.between(1, draw.pick([LATE_MAX_MS, VERY_LATE_MAX_MS])),
          () => void tell(request, engine.commit(request)),
        );
        return unknown('commit late');
    }
  };
  return {
    kind: store.kind,
    get: (key) => carry(() => store.get(key)),
    list: (prefix) => carry(() => store.list(prefix)),
    commit: (request) => carry(() => (draw.chance(faultRate()) ? lossy(request) : commit(request))),
    outcomeOf: (token) => carry(() => store.outcomeOf(token)),
    watch: (prefix, watched) => store.watch(prefix, watched),
    openSession: (session) => carry(() => store.openSession(session)),
    health: () => store.health(),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
