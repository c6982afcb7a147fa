// The simulated store as a world for the conformance suite of stores: the same clients and clocks as in a run, in one virtual
// time, without faults.
import type { Store } from '../../src/ports/store.ts';
import { overrunLog } from '../support/fake-time-world.ts';
import { settled } from '../support/store-calls.ts';
import { type StoreClient, type StoreWorld, WORLD_BOUNDS } from '../support/store-world.ts';
import { drawFrom } from './draw.ts';
import { SimClock, SimMachine } from './sim-clock.ts';
import { SimEngine } from './sim-engine.ts';
import { createSimStore } from './sim-store.ts';
import { VirtualTime } from './virtual-time.ts';

/** As in the other worlds: short enough to be overrun by a test, longer than any test writes. */
const LOG_REVISIONS_MAX = 400;
const POLL_MS = 10;
const OPEN_LINE = { canSend: () => true, canHear: () => true, onContact: () => undefined };
const DEAF = { committed: () => undefined, count: () => undefined, note: () => undefined };

export async function makeSimStoreWorld(): Promise<StoreWorld> {
  const time = new VirtualTime();
  const engine = new SimEngine({ logRevisionsMax: LOG_REVISIONS_MAX });
  const stores = new Set<Store>();

  function open(clock: SimClock): Store {
    const store = engine.connect(OPEN_LINE, { clock, bounds: WORLD_BOUNDS, pollMs: POLL_MS });
    const line = { engine, sender: 'client', clock, wire: time.clock(), faultRate: () => 0, delayMaxMs: 0 };
    const carried = createSimStore({ ...line, store, draw: drawFrom(1), history: DEAF });
    stores.add(carried);
    return carried;
  }

  return {
    connect: async ({ clockRate = 1 } = {}): Promise<StoreClient> => {
      const clock = new SimClock(time, new SimMachine({ rate: clockRate }));
      const store = open(clock);
      return {
        store,
        clock,
        die: async () => {
          clock.kill();
          stores.delete(store);
          await store[Symbol.asyncDispose]();
        },
        setStopped: (stopped) => (stopped ? clock.stop() : clock.resume()),
        suspend: async (ms) => {
          clock.machine.suspend(time);
          await time.runUntil(time.nowMs + ms);
          clock.machine.wake(time);
        },
      };
    },
    pass: (ms) => time.runUntil(time.nowMs + ms),
    settle: settled,
    forgetHistory: () => overrunLog(open(time.clock()), LOG_REVISIONS_MAX),
    [Symbol.asyncDispose]: async () => {
      for (const store of stores) await store[Symbol.asyncDispose]();
    },
  };
}
