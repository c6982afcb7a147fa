// A store world in which all clients live in this process, each on a fake clock of its own, moved together in small steps.
import type { Store } from '../../src/ports/store.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { settled } from './store-calls.ts';
import type { StoreClient, StoreWorld } from './store-world.ts';

/** As long as the poll of a client, so that a step moves everybody by one look at the store. */
const STEP_MS = 10;

type Member = { readonly clock: FakeClock; isStopped: boolean; readonly store: Store };

export type FakeTimeWorldOptions = {
  readonly open: (clock: FakeClock) => Promise<Store>;
  readonly forgetHistory: (store: Store) => Promise<void>;
  readonly dispose: () => Promise<void>;
  /** Waits until nothing is on its way that waits for no clock [a few turns of the event loop]. */
  readonly settle?: () => Promise<void>;
};

export function createFakeTimeWorld(options: FakeTimeWorldOptions): StoreWorld {
  const { open, forgetHistory, dispose, settle } = options;
  const members = new Set<Member>();

  async function connect({ clockRate = 1 }: { readonly clockRate?: number } = {}): Promise<StoreClient> {
    const clock = createFakeClock({ rate: clockRate });
    const member: Member = { clock, isStopped: false, store: await open(clock) };
    members.add(member);
    return {
      store: member.store,
      clock,
      die: async () => {
        members.delete(member);
        await member.store[Symbol.asyncDispose]();
      },
      setStopped: (stopped) => {
        member.isStopped = stopped;
      },
      suspend: async (ms) => {
        clock.suspend(ms);
        await clock.advance(0);
        await passFor(ms, member);
      },
    };
  }

  async function passFor(ms: number, except: Member | null): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += STEP_MS) {
      for (const member of members) {
        if (member === except) continue;
        if (member.isStopped) member.clock.stall(STEP_MS);
        else await member.clock.advance(STEP_MS);
        await settle?.();
      }
    }
  }

  return {
    connect,
    pass: (ms) => passFor(ms, null),
    settle: settle ?? settled,
    forgetHistory: async () => {
      const { store } = await connect();
      await forgetHistory(store);
    },
    [Symbol.asyncDispose]: async () => {
      for (const { store } of members) await store[Symbol.asyncDispose]();
      await dispose();
    },
  };
}

/** Fills a change log of `revisions` with changes of one key outside every test. */
export async function overrunLog(store: Store, revisions: number): Promise<void> {
  for (let count = 0; count < revisions * 2; count++) {
    const writes = [{ kind: 'put', key: '/overrun', value: String(count) }] as const;
    await store.commit({ guards: [], writes, token: `overrun-${crypto.randomUUID()}` });
  }
}
