// What the shared part of the embedded engines does when the line to the engine is bad: every outcome of a commit and of
// a renewal, and what health says about it (S3, S6).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitForPeriodMs } from '../../../src/base/clock-bounds.ts';
import { OneupError } from '../../../src/base/oneup-error.ts';
import type { MemoryFaults } from '../../../src/store/memory/memory-faults.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { commit, follow, mustGet, put, settled, spell } from '../../support/store-calls.ts';

const BOUNDS = { rho: 0.01, marginMs: 100 };
const TTL_MS = 900;
const WRITES = [{ kind: 'put', key: '/k', value: '1' }] as const;

test('a commit of unknown outcome is settled by its token, written or not (S6)', async () => {
  for (const [fate, outcome] of [
    ['writtenUnanswered', 'committed'],
    ['droppedUnanswered', 'absent'],
  ] as const) {
    const { store, faults } = connect();
    faults.fateOfCommit = () => fate;
    const result = await commit(store, { writes: WRITES, token: 't' });
    assert.equal(result.kind, 'unknown');
    assert.equal(await store.outcomeOf('t'), outcome);
    assert.equal((await store.get('/k'))?.value, outcome === 'committed' ? '1' : undefined);
  }
});

test('a commit waits for a lock, and no longer than the lock wait', async () => {
  const { store, clock, faults } = connect();
  faults.before = (call) => (call === 'commit' ? failure('ONEUP_STORE_BUSY') : null);
  const waiting = commit(store, { writes: WRITES });
  await clock.advance(900);
  faults.before = () => null;
  await clock.advance(50);
  assert.equal((await waiting).kind, 'committed');

  faults.before = (call) => (call === 'commit' ? failure('ONEUP_STORE_BUSY') : null);
  const refused = assert.rejects(commit(store, { writes: WRITES }), { code: 'ONEUP_STORE_BUSY' });
  await clock.advance(1_100);
  await refused;
});

test('a renewal that waited for a lock counts its deadline from the attempt that succeeded (S3)', async () => {
  const { store, clock, faults } = connect();
  const session = await store.openSession({ id: 's', ttlMs: TTL_MS });
  await clock.advance(TTL_MS / 3 - 10);
  faults.before = (call) => (call === 'renewSession' ? failure('ONEUP_STORE_BUSY') : null);
  await clock.advance(200);
  assert.ok(session.mayActUntilBootMs() - clock.bootMs() < TTL_MS - 400, 'no success, no later deadline');
  faults.before = () => null;
  await clock.advance(20);
  const leftMs = session.mayActUntilBootMs() - clock.bootMs();
  assert.ok(leftMs > TTL_MS - 30 && leftMs <= TTL_MS, `${leftMs} ms left`);
});

test('time that passes while a renewal is on its way is taken off the deadline (S3)', async () => {
  const { store, clock, faults } = connect();
  const session = await store.openSession({ id: 's', ttlMs: TTL_MS });
  faults.before = (call) => {
    if (call === 'renewSession') clock.stall(250);
    return null;
  };
  await clock.advance(TTL_MS / 3 + 20);
  const leftMs = session.mayActUntilBootMs() - clock.bootMs();
  assert.ok(leftMs <= TTL_MS - 250, `${leftMs} ms left after a renewal that took 250 ms`);
});

test('renewals that fail do not move the deadline; the session is lost at it, and said so', async () => {
  const { store, clock, faults } = connect();
  const session = await store.openSession({ id: 's', ttlMs: TTL_MS });
  const deadlineBootMs = session.mayActUntilBootMs();
  faults.before = (call) => (call === 'renewSession' ? failure('ONEUP_STORE_LOST') : null);
  let lostAtBootMs = 0;
  void session.lost.then(() => {
    lostAtBootMs = clock.bootMs();
  });
  await clock.advance(TTL_MS - 20);
  assert.equal(session.mayActUntilBootMs(), deadlineBootMs);
  await clock.advance(60);
  assert.ok(lostAtBootMs >= deadlineBootMs && lostAtBootMs <= deadlineBootMs + 20, `lost at ${lostAtBootMs}`);
});

test('a failed renewal is tried again soon, but not at every look', async () => {
  const { store, clock, faults } = connect();
  await store.openSession({ id: 's', ttlMs: TTL_MS });
  let tries = 0;
  faults.before = (call) => {
    if (call !== 'renewSession') return null;
    tries++;
    return failure('ONEUP_STORE_LOST');
  };
  await clock.advance(TTL_MS - 10);
  assert.ok(tries >= 5 && tries <= 20, `${tries} tries`);
});

test('a wall clock that jumps ahead forces a renewal at once and expires nothing (S2)', async () => {
  const { store, clock } = connect();
  const session = await store.openSession({ id: 's', ttlMs: TTL_MS });
  await clock.advance(50);
  clock.shiftWall(3_600_000);
  await clock.advance(20);
  assert.ok(session.mayActUntilBootMs() - clock.bootMs() > TTL_MS - 30, 'it was renewed');
});

test('a session that is gone from the store is lost at its next renewal', async () => {
  const world = new MemoryStoreWorld();
  const { store, clock } = connect(world);
  const session = await store.openSession({ id: 's', ttlMs: TTL_MS });
  // Another client that waited far too little: its clock ran away.
  const other = connect(world);
  await other.clock.advance(20);
  await other.clock.advance(10 * TTL_MS);
  await clock.advance(TTL_MS / 3 + 20);
  assert.match(await session.lost, /gone/);
  assert.ok(session.mayActUntilBootMs() < clock.bootMs());
});

test('an observer stopped between reading the sessions and reading its clock counts from after the stop (S3)', async () => {
  const world = new MemoryStoreWorld();
  const holder = connect(world);
  const session = await holder.store.openSession({ id: 's', ttlMs: TTL_MS });
  await put(holder.store, '/k', '1', session.id);
  const observer = connect(world);
  let stops = 1;
  observer.faults.before = (call) => {
    // The holder renews just before the rows are read, a whole wait after the observer began to look.
    if (call === 'sessions' && stops-- > 0) observer.clock.stall(5 * TTL_MS);
    return null;
  };
  await observer.clock.advance(50);
  assert.ok(await observer.store.get('/k'));
});

test('an expiry that meets a renewal in the last moment leaves the session alone (S5)', async () => {
  const world = new MemoryStoreWorld();
  const holder = connect(world);
  const session = await holder.store.openSession({ id: 's', ttlMs: TTL_MS });
  await put(holder.store, '/k', '1', session.id);
  const observer = connect(world);
  await holder.clock.advance(TTL_MS / 3 - 10);
  let isRenewed = false;
  let attempts = 0;
  observer.faults.before = (call) => {
    if (call !== 'removeSession') return null;
    if (attempts++ === 0) {
      void holder.clock.advance(20).then(() => {
        isRenewed = true;
      });
    }
    return isRenewed ? null : failure('ONEUP_STORE_BUSY');
  };
  await observer.clock.advance(waitForPeriodMs(TTL_MS, BOUNDS) + 200);
  assert.ok(isRenewed && attempts >= 2, 'the expiry was sent again after the renewal');
  assert.ok(await holder.store.get('/k'));
});

test('health says lost since the first failure, with its code, and reachable again', async () => {
  const { store, clock, faults } = connect();
  await clock.advance(100);
  const lostMonoMs = clock.monotonicMs();
  faults.before = () => failure('ONEUP_STORE_LOST');
  await assert.rejects(store.get('/k'), { code: 'ONEUP_STORE_LOST' });
  await clock.advance(500);
  const health = store.health();
  assert.ok(health.kind === 'lost' && health.code === 'ONEUP_STORE_LOST' && health.sinceMonoMs === lostMonoMs);
  faults.before = () => null;
  await clock.advance(20);
  assert.equal(store.health().kind, 'reachable');
});

test('a store that can be read and not written is lost until a write succeeds', async () => {
  const { store, clock, faults } = connect();
  faults.before = (call) => (call === 'commit' ? failure('ONEUP_STORE_LOST') : null);
  await assert.rejects(commit(store, { writes: WRITES }), { code: 'ONEUP_STORE_LOST' });
  await clock.advance(100);
  assert.equal((await store.list('')).entries.length, 0);
  assert.equal(store.health().kind, 'lost');
  faults.before = () => null;
  await put(store, '/k', '1');
  assert.equal(store.health().kind, 'reachable');
});

test('a watch of a store that was away says resync, then goes on (S6)', async () => {
  const { store, clock, faults } = connect();
  await put(store, '/k', '1');
  await using watch = follow(store, '/', 0);
  await settled();
  faults.before = () => failure('ONEUP_STORE_LOST');
  await clock.advance(50);
  faults.before = () => null;
  await clock.advance(50);
  const revision = await put(store, '/k', '2');
  await clock.advance(50);
  assert.deepEqual(spell(watch.events), ['1 put /k=1', 'resync', `${revision} put /k=2`]);
});

test('a store does not wait for its clock to commit: the fast path takes no timer', async () => {
  const { store, clock } = connect();
  const pending = clock.pendingCount();
  await put(store, '/k', '1');
  assert.equal((await mustGet(store, '/k')).value, '1');
  assert.equal(clock.pendingCount(), pending);
});

test('disposing a store stops its timer, and calls under way fail', async () => {
  const { store, clock, faults } = connect();
  faults.before = (call) => (call === 'commit' ? failure('ONEUP_STORE_BUSY') : null);
  const waiting = assert.rejects(commit(store, { writes: WRITES }), { code: 'ONEUP_STORE_UNREACHABLE' });
  await settled();
  await store[Symbol.asyncDispose]();
  await waiting;
  await store[Symbol.asyncDispose]();
  assert.equal(clock.pendingCount(), 0);
});

function connect(world = new MemoryStoreWorld()) {
  const clock = createFakeClock();
  const faults: { -readonly [Name in keyof MemoryFaults]: MemoryFaults[Name] } = {
    before: () => null,
    fateOfCommit: () => 'answered',
  };
  const store = world.connect({
    clock,
    bounds: BOUNDS,
    faults: { before: (call) => faults.before(call), fateOfCommit: () => faults.fateOfCommit() },
  });
  return { store, clock, faults };
}

function failure(code: 'ONEUP_STORE_BUSY' | 'ONEUP_STORE_LOST'): OneupError {
  return new OneupError(code, 'Cannot use store: the test says so, value was memory');
}
