// A commit is all or nothing at one instant; of two that rest on the same version one loses; nothing is ever mistaken for
// something older (S5, S6).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commit, increment, mustGet, put, remove } from '../../support/store-calls.ts';
import type { StoreWorld } from '../../support/store-world.ts';

const INCREMENTS_EACH = 40;

export function commitTests(makeWorld: () => Promise<StoreWorld>): void {
  test('of two commits guarded by one version the second is told which guard failed', async () => {
    await using world = await makeWorld();
    const [a, b] = [await world.connect(), await world.connect()];
    const guard = { kind: 'version', key: '/k', version: await put(a.store, '/k', '0') } as const;
    const first = await commit(a.store, { guards: [guard], writes: [{ kind: 'put', key: '/k', value: 'a' }] });
    const second = await commit(b.store, { guards: [guard], writes: [{ kind: 'put', key: '/k', value: 'b' }] });
    assert.equal(first.kind, 'committed');
    assert.deepEqual(second, { kind: 'conflict', guard });
    assert.equal((await mustGet(b.store, '/k')).value, 'a');
  });

  test('guard absent holds only for a key that is not there', async () => {
    await using world = await makeWorld();
    const { store } = await world.connect();
    const guards = [{ kind: 'absent', key: '/k' }] as const;
    const writes = [{ kind: 'put', key: '/k', value: '1' }] as const;
    assert.equal((await commit(store, { guards, writes })).kind, 'committed');
    assert.deepEqual(await commit(store, { guards, writes }), { kind: 'conflict', guard: guards[0] });
    await remove(store, '/k');
    assert.equal((await commit(store, { guards, writes })).kind, 'committed');
  });

  test('guard version fails for a key that is not there', async () => {
    await using world = await makeWorld();
    const { store } = await world.connect();
    const guards = [{ kind: 'version', key: '/k', version: 0 }] as const;
    assert.equal((await commit(store, { guards })).kind, 'conflict');
  });

  test('one failed guard of many keeps every write back, and names itself', async () => {
    await using world = await makeWorld();
    const { store } = await world.connect();
    const version = await put(store, '/k', '1');
    const bad = { kind: 'version', key: '/k', version: version + 1 } as const;
    const guards = [{ kind: 'absent', key: '/a' }, bad, { kind: 'version', key: '/k', version }] as const;
    const writes = [
      { kind: 'put', key: '/a', value: '1' },
      { kind: 'delete', key: '/k' },
      { kind: 'put', key: '/z', value: '1' },
    ] as const;
    assert.deepEqual(await commit(store, { guards, writes }), { kind: 'conflict', guard: bad });
    const { entries, revision } = await store.list('');
    assert.equal(revision, version);
    assert.deepEqual(
      entries.map(({ key, value }) => [key, value]),
      [['/k', '1']],
    );
  });

  test('all writes of a commit carry its revision', async () => {
    await using world = await makeWorld();
    const { store } = await world.connect();
    await put(store, '/gone', '1');
    const writes = [
      { kind: 'put', key: '/a', value: '1' },
      { kind: 'put', key: '/b', value: '2' },
      { kind: 'delete', key: '/gone' },
    ] as const;
    const result = await commit(store, { writes });
    assert.ok(result.kind === 'committed');
    const { entries, revision } = await store.list('');
    assert.deepEqual(
      entries.map(({ key, version }) => [key, version]),
      [
        ['/a', result.revision],
        ['/b', result.revision],
      ],
    );
    assert.equal(revision, result.revision);
  });

  test('a version never repeats, not even after a delete (S5)', async () => {
    await using world = await makeWorld();
    const [a, b] = [await world.connect(), await world.connect()];
    const old = await put(a.store, '/k', 'old');
    await remove(b.store, '/k');
    const young = await put(b.store, '/k', 'young');
    assert.ok(young > old);
    const guards = [{ kind: 'version', key: '/k', version: old }] as const;
    const late = await commit(a.store, { guards, writes: [{ kind: 'put', key: '/k', value: 'late' }] });
    assert.equal(late.kind, 'conflict');
    assert.equal((await mustGet(a.store, '/k')).value, 'young');
  });

  test('a counter raised by three clients at once loses no increment', async () => {
    await using world = await makeWorld();
    const clients = [await world.connect(), await world.connect(), await world.connect()];
    await put(clients[0]?.store ?? assert.fail(), '/n', '0');
    const work = clients.flatMap(({ store }) => [incrementOften(store), incrementOften(store)]);
    await Promise.all(work);
    for (const { store } of clients) assert.equal((await mustGet(store, '/n')).value, String(6 * INCREMENTS_EACH));
  });

  test('outcomeOf tells a written token from one that met a conflict or was never sent (S6)', async () => {
    await using world = await makeWorld();
    const [a, b] = [await world.connect(), await world.connect()];
    await commit(a.store, { writes: [{ kind: 'put', key: '/k', value: '1' }], token: 'written' });
    await commit(a.store, { guards: [{ kind: 'absent', key: '/k' }], token: 'refused' });
    assert.equal(await b.store.outcomeOf('written'), 'committed');
    assert.equal(await b.store.outcomeOf('refused'), 'absent');
    assert.equal(await b.store.outcomeOf('never-sent'), 'absent');
  });

  test('commit refuses a token that was written before, and a key that occurs twice', async () => {
    await using world = await makeWorld();
    const { store } = await world.connect();
    await commit(store, { token: 'once' });
    const writes = [{ kind: 'put', key: '/k', value: '1' }] as const;
    await assert.rejects(commit(store, { token: 'once', writes }), RangeError);
    await assert.rejects(commit(store, { writes: [...writes, { kind: 'delete', key: '/k' }] }), RangeError);
    assert.equal(await store.get('/k'), null);
    assert.equal(store.health().kind, 'reachable', 'a mistake of the caller is no fault of the store');
  });
}

async function incrementOften(store: Parameters<typeof increment>[0]): Promise<void> {
  for (let count = 0; count < INCREMENTS_EACH; count++) await increment(store, '/n');
}
