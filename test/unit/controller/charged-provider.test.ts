// What a person's command asks of a provider is counted in the record of the account, and held up by nothing.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemoryProvider } from '../../../providers/memory/index.ts';
import { MemoryZones } from '../../../providers/memory/memory-zones.ts';
import type { ProviderConfig } from '../../../src/config/provider-config.ts';
import { accountRecord } from '../../../src/controller/account-record.ts';
import { chargedProviders } from '../../../src/controller/charged-provider.ts';
import type { Store } from '../../../src/ports/store.ts';
import { ZONE } from '../../sim/sim-config.ts';
import { createBench } from './controller-bench.ts';

const FAR = { name: 'far', kind: 'cloudflare', account: 'one', budget: { calls: 20, perMs: 10_000, reserve: 4 } };
const NEAR = { name: 'near', kind: 'builtin' };
const options = () => ({ names: [`app.${ZONE}`], signal: AbortSignal.timeout(20_000) });

async function world(wrap: (store: Store) => Partial<Store> = () => ({})) {
  const bench = await createBench();
  const { store, keys, deps } = bench;
  const wrapped: Store = {
    ...{ kind: store.kind, get: (key) => store.get(key), list: (prefix) => store.list(prefix) },
    ...{ commit: (request) => store.commit(request), outcomeOf: (token) => store.outcomeOf(token) },
    ...{ watch: (prefix, rest) => store.watch(prefix, rest), openSession: (rest) => store.openSession(rest) },
    ...{ health: () => store.health(), [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() },
    ...wrap(store),
  };
  const memory = createMemoryProvider({ name: 'far', zones: new MemoryZones() });
  const providers = [FAR, NEAR] as unknown as readonly ProviderConfig[];
  const charging = { store: wrapped, uniqueId: deps.uniqueId, keyOf: keys.budget, providers };
  const owed = async () => accountRecord(await store.get(keys.budget('one')))?.owed ?? null;
  return { provider: chargedProviders(() => memory, charging), owed };
}

describe('chargedProviders', () => {
  test('counts what each call costs at that kind of provider', async () => {
    const { provider, owed } = await world();
    await provider('far').list(ZONE, options());
    assert.equal(await owed(), 1);
    await provider('far').apply(ZONE, [], { ...options(), idempotencyKey: 'k' });
    assert.equal(await owed(), 3);
    await provider('near').list(ZONE, options());
    assert.equal(await owed(), 3, 'our own zone is nobody’s account');
  });

  test('a store that is away keeps nobody from asking', async () => {
    const { provider } = await world(() => ({ get: () => Promise.reject(new Error('away')) }));
    assert.deepEqual(await provider('far').list(ZONE, options()), []);
  });
});
