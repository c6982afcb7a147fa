// What the built-in provider leaves in the store: records that name servers read, and a serial that rises with each write.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { createBuiltinProvider } from '../../../providers/builtin/index.ts';
import { OneupError } from '../../../src/base/oneup-error.ts';
import { storeKeys } from '../../../src/base/store-keys.ts';
import type { Rrset } from '../../../src/dns/rrset.ts';
import { formatStoredRrset } from '../../../src/dns/stored-rrset.ts';
import { formatOwnership } from '../../../src/plan/ownership.ts';
import type { DnsProvider } from '../../../src/ports/dns-provider.ts';
import type { Store } from '../../../src/ports/store.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const ZONE = 'example.com.';
const NAME = 'app.example.com.';
const KEYS = storeKeys('prod');
const A_KEY = KEYS.zoneRrset(ZONE, NAME, 'A');
const A: Rrset = { name: NAME, type: 'A', ttlSeconds: 20, values: ['192.0.2.1'] };
const OWNER: Rrset = {
  name: `_oneup.${NAME}`,
  type: 'TXT',
  ttlSeconds: 20,
  values: [formatOwnership({ cluster: 'prod', service: 'app', generation: 1, epoch: 3, seq: 7 })],
};
const signal = new AbortController().signal;

describe('builtin provider', () => {
  let store: Store;
  let provider: DnsProvider;
  beforeEach(() => {
    store = new MemoryStoreWorld().connect({ clock: createFakeClock(), bounds: { rho: 0.01, marginMs: 100 } });
    provider = createBuiltinProvider({ name: 'builtin', store, keys: KEYS });
  });
  afterEach(async () => store[Symbol.asyncDispose]());

  const put = (key: string, value: string) =>
    store.commit({ guards: [], writes: [{ kind: 'put', key, value }], token: `put ${key}` });
  const value = async (key: string) => (await store.get(key))?.value;
  const create = (rrsets: readonly Rrset[], idempotencyKey = 'one') =>
    provider.apply(
      ZONE,
      rrsets.map((after) => ({ before: null, after })),
      { idempotencyKey, signal },
    );

  test('a record holds values, TTL, and epoch and seq of its write', async () => {
    assert.equal((await create([OWNER, A])).kind, 'applied');
    const record = { values: ['192.0.2.1'], ttlSeconds: 20, epoch: 3, seq: 7 };
    assert.deepEqual(JSON.parse((await value(A_KEY)) ?? ''), record);
  });

  test('a record that nobody owns has neither', async () => {
    await create([A]);
    assert.deepEqual(JSON.parse((await value(A_KEY)) ?? ''), {
      values: ['192.0.2.1'],
      ttlSeconds: 20,
      epoch: 0,
      seq: 0,
    });
  });

  test('every write raises the serial, a refused or repeated one does not', async () => {
    await create([A]);
    assert.equal(await value(KEYS.zoneSerial(ZONE)), '1');
    assert.equal((await create([A], 'two')).kind, 'conflict');
    assert.equal((await create([A], 'one')).kind, 'applied');
    assert.equal(await value(KEYS.zoneSerial(ZONE)), '1');
    await create([OWNER], 'three');
    assert.equal(await value(KEYS.zoneSerial(ZONE)), '2');
  });

  test('the serial wraps to 1 and never to 0 (RFC 1982)', async () => {
    await put(KEYS.zoneSerial(ZONE), '4294967295');
    assert.equal((await create([A])).kind, 'applied');
    assert.equal(await value(KEYS.zoneSerial(ZONE)), '1');
  });

  test('a removed RRset leaves no record', async () => {
    await create([A]);
    await provider.apply(ZONE, [{ before: A, after: null }], { idempotencyKey: 'gone', signal });
    assert.equal(await value(A_KEY), undefined);
  });

  test('a record that changed after it was read stops the commit, even where the serial did not move', async () => {
    const other = formatStoredRrset({ rrset: { ...A, values: ['192.0.2.9'] }, epoch: 9, seq: 9 });
    const racing: Store = {
      ...storeDoors(store),
      list: async (prefix) => {
        const listed = await store.list(prefix);
        if ((await store.get(A_KEY)) === null) await put(A_KEY, other);
        return listed;
      },
    };
    provider = createBuiltinProvider({ name: 'builtin', store: racing, keys: KEYS });
    assert.equal((await create([A])).kind, 'conflict');
    assert.equal(await value(A_KEY), other);
  });

  for (const [what, key, text] of [
    ['a record', A_KEY, '{"values":[]}'],
    ['the serial', KEYS.zoneSerial(ZONE), 'x'],
  ] as const) {
    test(`${what} that cannot be read stops list and apply, and is named`, async () => {
      await put(key, text);
      await assert.rejects(provider.list(ZONE, { names: [], signal }), (error: unknown) => {
        assert.ok(error instanceof OneupError && error.code === 'ONEUP_STORE_CORRUPT');
        return error.message.includes(key);
      });
      const result = await create([OWNER]);
      assert.ok(result.kind === 'failed' && result.applied === 'none');
      assert.equal(await value(key), text);
    });
  }
});

/** The calls of a store as a plain object, so that one of them can be accompanied. */
function storeDoors(store: Store): Store {
  return {
    kind: store.kind,
    get: (key) => store.get(key),
    list: (prefix) => store.list(prefix),
    commit: (request) => store.commit(request),
    outcomeOf: (token) => store.outcomeOf(token),
    watch: (prefix, options) => store.watch(prefix, options),
    openSession: (options) => store.openSession(options),
    health: () => store.health(),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
