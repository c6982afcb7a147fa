// A session that is not closed ends by its beats alone: not before its holder has lost the right to act, whatever the
// clocks do within their bounds, and certainly some time after (S2, S3, S5).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitForPeriodMs } from '../../../src/base/clock-bounds.ts';
import { commit, follow, put, spell } from '../../support/store-calls.ts';
import { type StoreClient, type StoreWorld, WORLD_BOUNDS } from '../../support/store-world.ts';

const TTL_MS = 600;
const STEP_MS = 10;
/** The wait of S2 on the slowest clock, one poll to see the last beat, one to act, and one step of the test. */
const ENDS_WITHIN_MS = waitForPeriodMs(TTL_MS, WORLD_BOUNDS) / (1 - WORLD_BOUNDS.rho) + 5 * STEP_MS;

const RATES = [
  { holder: 0.95, observer: 1.05 },
  { holder: 1.05, observer: 0.95 },
  { holder: 0.95, observer: 0.95 },
  { holder: 1, observer: 1.05 },
];

export function sessionEndTests(makeWorld: () => Promise<StoreWorld>): void {
  for (const rates of RATES) {
    test(`a silent holder keeps its keys until it may not act, clock rates ${rates.holder} and ${rates.observer} (S2)`, async () => {
      await using world = await makeWorld();
      const holder = await world.connect({ clockRate: rates.holder });
      const observer = await world.connect({ clockRate: rates.observer });
      const session = await holder.store.openSession({ id: 's', ttlMs: TTL_MS });
      await put(holder.store, '/k', '1', session.id);
      await world.pass(TTL_MS);
      const deadlineBootMs = session.mayActUntilBootMs();
      holder.setStopped(true);
      const passedMs = await passUntilGone(world, observer, () => holder.clock.bootMs() >= deadlineBootMs);
      assert.ok(passedMs <= ENDS_WITHIN_MS, `the session ended after ${passedMs} ms`);
    });
  }

  test('the keys of a process that died vanish, and watches tell it', async () => {
    await using world = await makeWorld();
    const [a, b] = [await world.connect(), await world.connect()];
    const session = await a.store.openSession({ id: 's', ttlMs: TTL_MS });
    const revision = await put(a.store, '/k', '1', session.id);
    await using watch = follow(b.store, '/', revision);
    await a.die();
    await world.pass(TTL_MS - 2 * STEP_MS);
    assert.ok(await b.store.get('/k'), 'gone before its ttl');
    await world.pass(ENDS_WITHIN_MS);
    assert.equal(await b.store.get('/k'), null);
    assert.deepEqual(
      spell(watch.events).map((line) => line.replace(/^\d+ /, '')),
      ['delete /k'],
    );
  });

  test('an observer that was stopped itself does not end a session that renewed meanwhile (S5)', async () => {
    await using world = await makeWorld();
    const [holder, observer] = [await world.connect(), await world.connect()];
    const session = await holder.store.openSession({ id: 's', ttlMs: TTL_MS });
    await put(holder.store, '/k', '1', session.id);
    await world.pass(50);
    observer.setStopped(true);
    await world.pass(5 * TTL_MS);
    holder.setStopped(true);
    const deadlineBootMs = session.mayActUntilBootMs();
    observer.setStopped(false);
    await passUntilGone(world, observer, () => holder.clock.bootMs() >= deadlineBootMs);
  });

  test('a client that comes late counts from when it came', async () => {
    await using world = await makeWorld();
    const holder = await world.connect();
    const session = await holder.store.openSession({ id: 's', ttlMs: TTL_MS });
    await put(holder.store, '/k', '1', session.id);
    holder.setStopped(true);
    await world.pass(10 * TTL_MS);
    const late = await world.connect();
    await world.pass(TTL_MS - 2 * STEP_MS);
    assert.ok(await late.store.get('/k'));
    await world.pass(ENDS_WITHIN_MS);
    assert.equal(await late.store.get('/k'), null);
  });

  test('a holder that was stopped past its deadline is lost when it goes on, before it does anything', async () => {
    await using world = await makeWorld();
    const [holder, observer] = [await world.connect(), await world.connect()];
    const session = await holder.store.openSession({ id: 's', ttlMs: TTL_MS });
    holder.setStopped(true);
    await world.pass(TTL_MS + 2 * STEP_MS);
    assert.ok(session.mayActUntilBootMs() <= holder.clock.bootMs());
    holder.setStopped(false);
    await world.pass(4 * TTL_MS);
    assert.equal(typeof (await session.lost), 'string');
    const guards = [{ kind: 'sessionAlive', sessionId: 's' }] as const;
    assert.equal((await commit(observer.store, { guards })).kind, 'conflict');
  });

  test('a machine that was suspended past the ttl has lost its session, though its monotonic clock stood still (S2)', async () => {
    await using world = await makeWorld();
    const holder = await world.connect();
    const session = await holder.store.openSession({ id: 's', ttlMs: TTL_MS });
    await world.pass(TTL_MS);
    await holder.suspend(2 * TTL_MS);
    assert.ok(session.mayActUntilBootMs() <= holder.clock.bootMs());
    await world.pass(2 * STEP_MS);
    assert.equal(typeof (await session.lost), 'string');
    assert.ok(session.mayActUntilBootMs() < holder.clock.bootMs());
  });

  test('a session that stops renewing runs out and stays out (S23)', async () => {
    await using world = await makeWorld();
    const [a, b] = [await world.connect(), await world.connect()];
    const session = await a.store.openSession({ id: 's', ttlMs: TTL_MS });
    await put(a.store, '/k', '1', session.id);
    session.setRenewing(false);
    const deadlineBootMs = session.mayActUntilBootMs();
    await passUntilGone(world, b, () => a.clock.bootMs() >= deadlineBootMs);
    assert.equal(typeof (await session.lost), 'string');
    session.setRenewing(true);
    await world.pass(TTL_MS);
    assert.ok(session.mayActUntilBootMs() < a.clock.bootMs());
    assert.equal(await b.store.get('/k'), null);
  });

  test('a session that renews again in time goes on (S23)', async () => {
    await using world = await makeWorld();
    const [a, b] = [await world.connect(), await world.connect()];
    const session = await a.store.openSession({ id: 's', ttlMs: TTL_MS });
    await put(a.store, '/k', '1', session.id);
    session.setRenewing(false);
    await world.pass(TTL_MS / 2);
    session.setRenewing(true);
    await world.pass(3 * TTL_MS);
    assert.ok(await b.store.get('/k'));
    assert.ok(session.mayActUntilBootMs() > a.clock.bootMs());
  });

  test('the only client of a store ends its own lost session', async () => {
    await using world = await makeWorld();
    const only = await world.connect();
    const session = await only.store.openSession({ id: 's', ttlMs: TTL_MS });
    await put(only.store, '/k', '1', session.id);
    session.setRenewing(false);
    await passUntilGone(world, only, () => true);
  });
}

/** Milliseconds until `/k` was gone; `isOver` must hold by then, and at every look before it may or may not. */
async function passUntilGone(world: StoreWorld, observer: StoreClient, isOver: () => boolean): Promise<number> {
  for (let passedMs = 0; passedMs <= 2 * ENDS_WITHIN_MS; passedMs += STEP_MS) {
    if ((await observer.store.get('/k')) === null) {
      assert.ok(isOver(), `the key vanished after ${passedMs} ms while its holder could still act`);
      return passedMs;
    }
    await world.pass(STEP_MS);
  }
  return assert.fail(`the key is still there after ${2 * ENDS_WITHIN_MS} ms`);
}
