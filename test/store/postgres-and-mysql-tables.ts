// What the tables may hold: another version, nothing, garbage, another cluster, a lot, and texts that look like SQL.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Guard, StoreWrite } from '../../src/ports/store.ts';
import { commit, follow, mustGet, put } from '../support/store-calls.ts';
import { type EngineUnderTest, type ServerUnderTest, storeOptions, until } from './postgres-and-mysql-engine.ts';

const HOSTILE = [`'; DROP TABLE x; --`, `\\'; DROP TABLE x; --`, '"`?:a $1 @x %s /* */ \\0 \\x00 \\', `''''`, '\\'];

export function tableTests(engine: EngineUnderTest, getServer: () => ServerUnderTest): void {
  describe(`${engine.name}: tables`, () => {
    test('without tables the store is not initialised, and only create makes them', async () => {
      const options = storeOptions(engine, getServer());
      await assert.rejects(engine.openStore({ ...options, create: false }), { code: 'ONEUP_STORE_NOT_INITIALISED' });
      await (await engine.openStore(options))[Symbol.asyncDispose]();
      await (await engine.openStore(options))[Symbol.asyncDispose]();
      await using store = await engine.openStore({ ...options, create: false });
      assert.equal(await store.get('/k'), null);
    });

    test('of many who create at once none fails, and none finds a store of its own', async () => {
      const options = storeOptions(engine, getServer());
      const stores = await Promise.all(Array.from({ length: 6 }, () => engine.openStore(options)));
      for (const [index, store] of stores.entries()) await put(store, `/${index}`, '1');
      const lists = await Promise.all(stores.map((store) => store.list('/')));
      for (const { entries } of lists) assert.equal(entries.length, stores.length);
      for (const store of stores) await store[Symbol.asyncDispose]();
    });

    test('tables of a newer program are refused, and left alone', async () => {
      const options = storeOptions(engine, getServer());
      await (await engine.openStore(options))[Symbol.asyncDispose]();
      await getServer().run(`UPDATE ${engine.counter(options.cluster)} SET schema_version = 2`);
      for (const create of [true, false]) {
        await assert.rejects(engine.openStore({ ...options, create }), { code: 'ONEUP_STORE_NEWER' });
      }
    });

    test('a counter that is damaged is reported by every call, and nothing is written over it', async () => {
      const options = storeOptions(engine, getServer());
      await using store = await engine.openStore(options);
      await put(store, '/k', '1');
      await getServer().run(engine.spoilCounter(options.cluster));
      await assert.rejects(store.list('/'), { code: 'ONEUP_STORE_CORRUPT' });
      await assert.rejects(put(store, '/k', '2'), { code: 'ONEUP_STORE_CORRUPT' });
      await assert.rejects(store.openSession({ id: 's', ttlMs: 1_000 }), { code: 'ONEUP_STORE_CORRUPT' });
      assert.equal((await mustGet(store, '/k')).value, '1');
      assert.equal(store.health().kind, 'lost');
    });

    test('a counter whose row is gone is reported, and nothing is written', async () => {
      const options = storeOptions(engine, getServer());
      await using store = await engine.openStore(options);
      await put(store, '/k', '1');
      await getServer().run(`DELETE FROM ${engine.counter(options.cluster)}`);
      await assert.rejects(store.list('/'), { code: 'ONEUP_STORE_CORRUPT' });
      for (const writes of [[], [{ kind: 'put', key: '/k', value: '2' } as const]]) {
        await assert.rejects(commit(store, { writes }), { code: 'ONEUP_STORE_CORRUPT' });
      }
      assert.equal((await mustGet(store, '/k')).value, '1');
    });

    test('tables that vanish under a store are lost', async () => {
      const options = storeOptions(engine, getServer());
      await using store = await engine.openStore(options);
      await put(store, '/k', '1');
      await getServer().run(`DROP TABLE ${engine.counter(options.cluster)}`);
      await assert.rejects(store.list('/'), { code: 'ONEUP_STORE_LOST' });
      await assert.rejects(put(store, '/k', '2'), { code: 'ONEUP_STORE_LOST' });
    });

    test('two clusters in one database do not see each other, whatever their names', async () => {
      const names = ['a-1', 'a-1_entries', 'a.b', "o'k", 'q"`q'];
      const stores = [];
      for (const cluster of names) stores.push(await engine.openStore(storeOptions(engine, getServer(), { cluster })));
      for (const [index, store] of stores.entries()) {
        await put(store, `/${index}`, '1');
        await store.openSession({ id: 's', ttlMs: 60_000 });
      }
      for (const [index, store] of stores.entries()) {
        assert.deepEqual(
          (await store.list('')).entries.map(({ key, version }) => [key, version]),
          [[`/${index}`, 1]],
        );
      }
      for (const store of stores) await store[Symbol.asyncDispose]();
    });

    test('a name too long for the tables is refused instead of cut off', async () => {
      const options = storeOptions(engine, getServer(), { cluster: 'x'.repeat(60) });
      await assert.rejects(engine.openStore(options), { code: 'ONEUP_STORE_LIMIT' });
    });

    test('texts that look like SQL are only texts', async () => {
      await using store = await engine.openStore(storeOptions(engine, getServer()));
      for (const text of HOSTILE) {
        const session = await store.openSession({ id: text, ttlMs: 60_000 });
        const version = await put(store, text, text, session.id);
        assert.deepEqual({ ...(await store.get(text)) }, { key: text, value: text, version, sessionId: text });
        const guards: Guard[] = [
          { kind: 'version', key: text, version },
          { kind: 'sessionAlive', sessionId: text },
        ];
        assert.equal((await commit(store, { guards, token: text })).kind, 'committed');
        assert.equal(await store.outcomeOf(text), 'committed');
        assert.equal((await store.list(text)).entries[0]?.key, text);
      }
    });

    test('5000 keys are listed whole, in order, at one revision, while others go on writing', async () => {
      const options = storeOptions(engine, getServer(), { callTimeoutMs: 20_000 });
      await using store = await engine.openStore(options);
      await using other = await engine.openStore(options);
      const keys = Array.from({ length: 5_000 }, (_, index) => `/p/${String(index).padStart(5, '0')}`);
      for (const half of [keys.slice(0, 2_500), keys.slice(2_500)]) {
        await commit(store, { writes: half.map((key): StoreWrite => ({ kind: 'put', key, value: '0' })) });
      }
      const ends = ['/p/00000', '/p/04999'];
      const state = { isOver: false };
      const writing = (async () => {
        for (let count = 1; !state.isOver; count++) {
          await commit(other, { writes: ends.map((key): StoreWrite => ({ kind: 'put', key, value: String(count) })) });
        }
      })();
      for (let round = 0; round < 5; round++) {
        const { entries, revision } = await store.list('/p/');
        assert.deepEqual(
          entries.map(({ key }) => key),
          keys,
        );
        assert.equal(entries.at(0)?.value, entries.at(-1)?.value, 'both ends are of one commit');
        assert.ok(entries.every(({ version }) => version <= revision));
      }
      state.isOver = true;
      await writing;
    });

    test('tokens and the log of changes are forgotten in time, and not before', async () => {
      const options = storeOptions(engine, getServer(), { logRevisionsMax: 20, tokensMax: 20 });
      await using store = await engine.openStore(options);
      const tokens = Array.from({ length: 65 }, (_, index) => `token-${index}`);
      for (const token of tokens) await commit(store, { writes: [{ kind: 'put', key: '/k', value: token }], token });
      assert.equal(await store.outcomeOf('token-0'), 'absent');
      for (const token of tokens.slice(-20)) assert.equal(await store.outcomeOf(token), 'committed', token);
      await using early = follow(store, '/', 1);
      await using late = follow(store, '/', 50);
      await until('both watches have caught up', () => early.events.length > 0 && late.events.length >= 15);
      assert.deepEqual(early.events, [{ kind: 'resync' }]);
      assert.equal(late.events.length, 15);
    });

    test('the largest commit that a store accepts is one commit, and its last guard counts', async () => {
      await using store = await engine.openStore(storeOptions(engine, getServer(), { callTimeoutMs: 30_000 }));
      const keys = Array.from({ length: 4_096 }, (_, index) => `/k/${index}`);
      const guards = keys.map((key): Guard => ({ kind: 'absent', key }));
      const writes = keys.map((key): StoreWrite => ({ kind: 'put', key, value: key }));
      assert.equal((await commit(store, { guards, writes })).kind, 'committed');
      const last = { kind: 'version', key: keys.at(-1) ?? '', version: 2 } as const;
      const again = [...keys.slice(1).map((key): Guard => ({ kind: 'version', key, version: 1 })), last];
      assert.deepEqual(await commit(store, { guards: again, writes }), { kind: 'conflict', guard: last });
      const removed = await commit(store, { writes: keys.map((key): StoreWrite => ({ kind: 'delete', key })) });
      assert.deepEqual(removed, { kind: 'committed', revision: 2 });
      assert.deepEqual((await store.list('')).entries, []);
    });
  });
}
