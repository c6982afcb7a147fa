// A session as its holder sees it: what it binds, how long it may act, how it is ended on purpose.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commit, follow, mustGet, put, spell } from '../../support/store-calls.ts';
import type { StoreWorld } from '../../support/store-world.ts';

const TTL_MS = 600;

export function sessionTests(makeWorld: () => Promise<StoreWorld>): void {
  test('a session that renews itself outlives its ttl many times, and its keys with it', async () => {
    await using world = await makeWorld();
    const [a, b] = [await world.connect(), await world.connect()];
    const session = await a.store.openSession({ id: 's', ttlMs: TTL_MS });
    await put(a.store, '/k', '1', session.id);
    await world.pass(6 * TTL_MS);
    assert.equal((await mustGet(b.store, '/k')).sessionId, 's');
    assert.ok(session.mayActUntilBootMs() > a.clock.bootMs());
  });

  test('the may-act deadline is counted from before the request was sent (S3)', async () => {
    await using world = await makeWorld();
    const { store, clock } = await world.connect();
    const beforeBootMs = clock.bootMs();
    const session = await store.openSession({ id: 's', ttlMs: TTL_MS });
    assert.ok(session.mayActUntilBootMs() <= clock.bootMs() + TTL_MS);
    assert.ok(session.mayActUntilBootMs() >= beforeBootMs + TTL_MS);
  });

  test('every renewal moves the deadline, never beyond the ttl from now', async () => {
    await using world = await makeWorld();
    const { store, clock } = await world.connect();
    const session = await store.openSession({ id: 's', ttlMs: TTL_MS });
    for (let round = 0; round < 10; round++) {
      await world.pass(TTL_MS / 4);
      const leftMs = session.mayActUntilBootMs() - clock.bootMs();
      assert.ok(leftMs > TTL_MS / 2 && leftMs <= TTL_MS, `${leftMs} ms left of ${TTL_MS}`);
    }
  });

  test('guard sessionAlive holds while the session is open, and names itself afterwards', async () => {
    await using world = await makeWorld();
    const [a, b] = [await world.connect(), await world.connect()];
    const session = await a.store.openSession({ id: 's', ttlMs: TTL_MS });
    const guard = { kind: 'sessionAlive', sessionId: 's' } as const;
    assert.equal((await commit(b.store, { guards: [guard] })).kind, 'committed');
    await session.close();
    assert.deepEqual(await commit(b.store, { guards: [guard] }), { kind: 'conflict', guard });
  });

  test('a key cannot be bound to a session that is not alive (S5)', async () => {
    await using world = await makeWorld();
    const { store } = await world.connect();
    const writes = [{ kind: 'put', key: '/k', value: '1', sessionId: 'never-opened' }] as const;
    const guard = { kind: 'sessionAlive', sessionId: 'never-opened' };
    assert.deepEqual(await commit(store, { writes }), { kind: 'conflict', guard });
    assert.equal(await store.get('/k'), null);
  });

  test('close removes the keys of the session and no other, at once, and tells watches', async () => {
    await using world = await makeWorld();
    const [a, b] = [await world.connect(), await world.connect()];
    const session = await a.store.openSession({ id: 's', ttlMs: TTL_MS });
    const other = await b.store.openSession({ id: 't', ttlMs: TTL_MS });
    await put(a.store, '/b', '1', session.id);
    await put(a.store, '/a', '1', session.id);
    await put(b.store, '/c', '1', other.id);
    const revision = await put(a.store, '/d', '1');
    await using watch = follow(b.store, '/', revision);
    await session.close();
    assert.deepEqual(
      (await b.store.list('/')).entries.map(({ key }) => key),
      ['/c', '/d'],
    );
    await world.pass(100);
    const end = (await b.store.list('/')).revision;
    assert.deepEqual(
      spell(watch.events).map((line) => line.replace(/^\d+ /, '')),
      ['delete /a', 'delete /b'],
    );
    assert.ok(watch.events.every((event) => event.kind === 'delete' && event.revision <= end));
  });

  test('close ends the right to act, says so, and may be repeated', async () => {
    await using world = await makeWorld();
    const { store, clock } = await world.connect();
    const session = await store.openSession({ id: 's', ttlMs: TTL_MS });
    await session.close();
    assert.ok(session.mayActUntilBootMs() < clock.bootMs());
    assert.equal(typeof (await session.lost), 'string');
    await session.close();
  });

  test('a put without the session frees the key from it', async () => {
    await using world = await makeWorld();
    const { store } = await world.connect();
    const session = await store.openSession({ id: 's', ttlMs: TTL_MS });
    await put(store, '/k', '1', session.id);
    await put(store, '/k', '2');
    await session.close();
    assert.equal((await mustGet(store, '/k')).value, '2');
  });

  test('an id in use is refused, and the session that has it is not harmed', async () => {
    await using world = await makeWorld();
    const [a, b] = [await world.connect(), await world.connect()];
    const session = await a.store.openSession({ id: 's', ttlMs: TTL_MS });
    await assert.rejects(b.store.openSession({ id: 's', ttlMs: TTL_MS }), RangeError);
    await world.pass(2 * TTL_MS);
    assert.ok(session.mayActUntilBootMs() > a.clock.bootMs());
  });

  test('closing the store abandons its sessions: no right to act, keys left to the observers', async () => {
    await using world = await makeWorld();
    const [a, b] = [await world.connect(), await world.connect()];
    const session = await a.store.openSession({ id: 's', ttlMs: TTL_MS });
    await put(a.store, '/k', '1', session.id);
    await a.die();
    assert.ok(session.mayActUntilBootMs() < a.clock.bootMs());
    assert.equal(typeof (await session.lost), 'string');
    await world.settle();
    assert.ok(await b.store.get('/k'));
  });
}
