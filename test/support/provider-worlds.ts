// The worlds in which providers are tested: zones that several clients share, and clients whose writes meet a given fate.
import { createBuiltinProvider } from '../../providers/builtin/index.ts';
import { createMemoryProvider } from '../../providers/memory/index.ts';
import { MemoryZones } from '../../providers/memory/memory-zones.ts';
import { OneupError } from '../../src/base/oneup-error.ts';
import { storeKeys } from '../../src/base/store-keys.ts';
import type { Store } from '../../src/ports/store.ts';
import { MemoryStoreWorld } from '../../src/store/memory/memory-store-world.ts';
import type { ProviderWorld } from '../conformance/provider.ts';
import { createFakeClock } from './fake-clock.ts';

export async function makeMemoryProviderWorld(): Promise<ProviderWorld> {
  const zones = new MemoryZones();
  return {
    connect: (fate = 'answered') => {
      const fateOfWrite = () => (fate === 'unreachable' ? 'answered' : fate);
      return createMemoryProvider({
        name: 'memory',
        zones,
        faults: { isReachable: () => fate !== 'unreachable', fateOfWrite },
      });
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

export async function makeBuiltinProviderWorld(): Promise<ProviderWorld> {
  const world = new MemoryStoreWorld();
  const clients: Store[] = [];
  return {
    connect: (fate = 'answered') => {
      const lost = new OneupError('ONEUP_STORE_UNREACHABLE', 'Cannot reach the store');
      const fateOfCommit = () => (fate === 'unreachable' ? 'answered' : fate);
      const faults = { before: () => (fate === 'unreachable' ? lost : null), fateOfCommit };
      const bounds = { rho: 0.01, marginMs: 100 };
      const store = world.connect({ clock: createFakeClock(), bounds, faults });
      clients.push(store);
      return createBuiltinProvider({ name: 'builtin', store, keys: storeKeys('prod') });
    },
    [Symbol.asyncDispose]: async () => {
      for (const store of clients) await store[Symbol.asyncDispose]();
    },
  };
}
