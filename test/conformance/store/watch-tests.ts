// A watch tells every change under its prefix after a revision, in order, or says that it may have missed some (S6).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoreWrite } from '../../../src/ports/store.ts';
import { commit, follow, put, remove, spell } from '../../support/store-calls.ts';
import type { StoreWorld } from '../../support/store-world.ts';

/** Several pages of the change log, in one commit. */
const MANY = 700;
/** Longer than a poll of any engine. */
const SOON_MS = 100;

export function watchTests(makeWorld: () => Promise<StoreWorld>): void {
  test('watch starts after its revision and tells own and foreign changes in order', async () => {
    await using world = await makeWorld();
    const [a, b] = [await world.connect(), await world.connect()];
    await put(a.store, '/p/old', '0');
    const { revision } = await a.store.list('/p/');
    const first = await put(a.store, '/p/x', '1');
    await using watch = follow(a.store, '/p/', revision);
    await put(b.store, '/q/x', 'elsewhere');
    const second = await put(b.store, '/p/x', '2');
    await remove(a.store, '/p/old');
    await world.pass(SOON_MS);
    assert.deepEqual(spell(watch.events), [
      `${first} put /p/x=1`,
      `${second} put /p/x=2`,
      `${second + 1} delete /p/old`,
    ]);
  });

  test('watch tells the whole entry', async () => {
    await using world = await makeWorld();
    const { store } = await world.connect();
    const session = await store.openSession({ id: 's', ttlMs: 1_000 });
    await using watch = follow(store, '/k', (await store.list('')).revision);
    const revision = await put(store, '/k', '1', session.id);
    await world.pass(SOON_MS);
    const entry = { key: '/k', value: '1', version: revision, sessionId: 's' };
    assert.deepEqual(watch.events, [{ kind: 'put', entry, revision, isLast: true }]);
  });

  test('watch marks the last change of each commit', async () => {
    await using world = await makeWorld();
    const { store } = await world.connect();
    await using watch = follow(store, '/p/', 0);
    const write = (key: string) => ({ kind: 'put', key, value: '1' }) as const;
    await store.commit({ guards: [], writes: [write('/p/a'), write('/p/b'), write('/q/c')], token: 'two' });
    await put(store, '/p/d', '1');
    await world.pass(SOON_MS);
    const marks = watch.events.map((event) =>
      event.kind === 'put' ? `${event.entry.key} ${event.isLast}` : event.kind,
    );
    assert.deepEqual(marks, ['/p/a false', '/p/b true', '/p/d true']);
  });

  test('own commits reach own watches without waiting for a poll', async () => {
    await using world = await makeWorld();
    const { store } = await world.connect();
    await using watch = follow(store, '/', 0);
    await world.settle();
    const revision = await put(store, '/k', '1');
    await world.settle();
    assert.deepEqual(spell(watch.events), [`${revision} put /k=1`]);
  });

  test('a large commit arrives whole and in order', async () => {
    await using world = await makeWorld();
    const [a, b] = [await world.connect(), await world.connect()];
    const keys = Array.from({ length: MANY }, (_, index) => `/p/${String(index).padStart(4, '0')}`);
    await using watch = follow(b.store, '/p/', 0);
    await commit(a.store, { writes: keys.toReversed().map((key): StoreWrite => ({ kind: 'put', key, value: '1' })) });
    await put(a.store, '/p/last', '1');
    await world.pass(SOON_MS);
    const seen = watch.events.map((event) => (event.kind === 'put' ? event.entry.key : event.kind));
    assert.deepEqual(seen, [...keys.toReversed(), '/p/last']);
  });

  test('deleting what is not there, and a conflict, are no changes', async () => {
    await using world = await makeWorld();
    const { store } = await world.connect();
    await using watch = follow(store, '/', 0);
    await remove(store, '/k');
    await commit(store, {
      guards: [{ kind: 'version', key: '/k', version: 1 }],
      writes: [{ kind: 'put', key: '/k', value: '1' }],
    });
    await world.pass(SOON_MS);
    assert.deepEqual(watch.events, []);
  });

  test('watch says resync when its history is forgotten, and goes on from there', async () => {
    await using world = await makeWorld();
    const { store } = await world.connect();
    const revision = await put(store, '/p/k', '1');
    await put(store, '/p/k', '2');
    await world.forgetHistory();
    await using watch = follow(store, '/p/', revision);
    await world.pass(SOON_MS);
    assert.deepEqual(spell(watch.events), ['resync']);
    const later = await put(store, '/p/k', '3');
    await world.pass(SOON_MS);
    assert.deepEqual(spell(watch.events), ['resync', `${later} put /p/k=3`]);
  });

  test('watch says resync for a revision that the store has not reached', async () => {
    await using world = await makeWorld();
    const { store } = await world.connect();
    const revision = await put(store, '/k', '1');
    await using watch = follow(store, '/', revision + 1_000);
    await world.pass(SOON_MS);
    assert.deepEqual(spell(watch.events), ['resync']);
  });

  test('watch ends when its signal aborts, without an error, and when the store is closed', async () => {
    await using world = await makeWorld();
    const { store } = await world.connect();
    const watch = follow(store, '/', 0);
    await world.settle();
    await watch[Symbol.asyncDispose]();
    const other = follow(store, '/', 0);
    await world.settle();
    await store[Symbol.asyncDispose]();
    await other.ended;
    assert.deepEqual([...watch.events, ...other.events], []);
  });

  test('a consumer that stops listening leaves nothing behind', async () => {
    await using world = await makeWorld();
    const { store } = await world.connect();
    await put(store, '/k', '1');
    const signal = new AbortController().signal;
    for await (const event of store.watch('/', { fromRevision: 0, signal })) {
      assert.equal(event.kind, 'put');
      break;
    }
  });
}
