// What is put is what is got and listed, by every client, in key order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commit, mustGet, put, remove } from '../../support/store-calls.ts';
import type { StoreWorld } from '../../support/store-world.ts';

const VALUES = {
  'plain JSON': '{"a":[1,2,3]}',
  'empty text': '',
  'letters of every plane': 'ä→𝄞\u{10ffff}',
  'control characters': 'a\u0000b\r\n\t',
  'the largest value': 'x'.repeat(1024 * 1024),
};

const REFUSED = {
  'a value over 1 MiB': { key: '/k', value: 'x'.repeat(1024 * 1024 + 1) },
  'a value of half characters': { key: '/k', value: '\ud800' },
  'an empty key': { key: '', value: '1' },
  'a key over 512 bytes': { key: `/${'k'.repeat(512)}`, value: '1' },
  'a key that is not printable ASCII': { key: '/ä', value: '1' },
};

export function valueTests(makeWorld: () => Promise<StoreWorld>): void {
  test('get says null for a key that was never put, or was deleted', async () => {
    await using world = await makeWorld();
    const { store } = await world.connect();
    assert.equal(await store.get('/k'), null);
    await put(store, '/k', '1');
    await remove(store, '/k');
    assert.equal(await store.get('/k'), null);
  });

  test('get returns exactly what another client put', async () => {
    await using world = await makeWorld();
    const [a, b] = [await world.connect(), await world.connect()];
    for (const [what, value] of Object.entries(VALUES)) {
      const version = await put(a.store, '/k', value);
      assert.deepEqual({ ...(await b.store.get('/k')) }, { key: '/k', value, version, sessionId: null }, what);
    }
  });

  test('list returns every key with the prefix, in key order, and no neighbour', async () => {
    await using world = await makeWorld();
    const { store } = await world.connect();
    const inside = ['/p/', '/p/10', '/p/9', '/p/A', '/p/a', '/p/a/b', '/p/~'];
    for (const key of ['/p', '/p0', '/o/z', '/q', ...inside.toReversed()]) await put(store, key, key);
    const { entries } = await store.list('/p/');
    assert.deepEqual(
      entries.map(({ key }) => key),
      inside,
    );
    assert.equal((await store.list('')).entries.length, 11);
    assert.deepEqual((await store.list('/none/')).entries, []);
  });

  test('list says at which revision it was true', async () => {
    await using world = await makeWorld();
    const [a, b] = [await world.connect(), await world.connect()];
    await put(a.store, '/k', '1');
    const revision = await put(a.store, '/other', '1');
    assert.equal((await b.store.list('/k')).revision, revision);
  });

  test('a read sees every commit that was answered before it began, whoever made it', async () => {
    await using world = await makeWorld();
    const [a, b] = [await world.connect(), await world.connect()];
    for (let round = 0; round < 20; round++) {
      await put(a.store, '/k', String(round));
      assert.equal((await mustGet(b.store, '/k')).value, String(round));
    }
  });

  for (const [what, { key, value }] of Object.entries(REFUSED)) {
    test(`commit refuses ${what}, and writes nothing`, async () => {
      await using world = await makeWorld();
      const { store } = await world.connect();
      const writes = [
        { kind: 'put', key: '/first', value: '1' },
        { kind: 'put', key, value },
      ] as const;
      await assert.rejects(commit(store, { writes }), RangeError);
      assert.deepEqual((await store.list('')).entries, []);
    });
  }

  test('health says reachable, and when the store last answered', async () => {
    await using world = await makeWorld();
    const { store, clock } = await world.connect();
    await world.pass(500);
    const beforeMonoMs = clock.monotonicMs();
    await store.get('/k');
    const health = store.health();
    assert.equal(health.kind, 'reachable');
    assert.ok(health.kind === 'reachable' && health.lastSuccessMonoMs >= beforeMonoMs);
  });

  test('a store that was closed refuses every call', async () => {
    await using world = await makeWorld();
    const { store } = await world.connect();
    await store[Symbol.asyncDispose]();
    await assert.rejects(store.get('/k'), { code: 'ONEUP_STORE_UNREACHABLE' });
    await assert.rejects(put(store, '/k', '1'), { code: 'ONEUP_STORE_UNREACHABLE' });
  });
}
