// The memory engine as a world for the conformance suite.
import { MemoryStoreWorld } from '../../src/store/memory/memory-store-world.ts';
import { createFakeTimeWorld, overrunLog } from './fake-time-world.ts';
import { type StoreWorld, WORLD_BOUNDS } from './store-world.ts';

/** Short, so that a test can overrun it; longer than any single test writes. */
const LOG_REVISIONS_MAX = 400;

export async function makeMemoryWorld(): Promise<StoreWorld> {
  const world = new MemoryStoreWorld({ logRevisionsMax: LOG_REVISIONS_MAX });
  return createFakeTimeWorld({
    open: async (clock) => world.connect({ clock, bounds: WORLD_BOUNDS }),
    forgetHistory: (store) => overrunLog(store, LOG_REVISIONS_MAX),
    dispose: async () => {},
  });
}
