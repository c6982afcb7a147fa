// The records of one prober: a commit that is thought lost and lands late does not bring an old vote back (S8), and what was
// left by an earlier session is found and replaced.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommitRequest, CommitResult, Store } from '../../../src/ports/store.ts';
import { RecordBoard } from '../../../src/prober/record-board.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { SILENT } from '../../support/prober-world.ts';

const KEY = '/oneup/c/obs/web/a/p1';
const BOUNDS = { rho: 0.01, marginMs: 100 };

function boardOn(wrap: (store: Store) => Store) {
  const clock = createFakeClock();
  const store = new MemoryStoreWorld().connect({ clock, bounds: BOUNDS });
  let ids = 0;
  const uniqueId = () => `t${++ids}`;
  const board = new RecordBoard({ store: wrap(store), clock, logger: SILENT, uniqueId });
  return { clock, store, board };
}

test('a commit that lands late does not replace a newer vote', async () => {
  const late: CommitRequest[] = [];
  const { clock, store, board } = boardOn((inner) => ({
    ...inner,
    commit: async (request): Promise<CommitResult> => {
      if (late.length > 0) return inner.commit(request);
      late.push(request);
      return { kind: 'unknown', cause: new Error('no answer') };
    },
    get: (key) => inner.get(key),
  }));
  board.setSession(await store.openSession({ id: 's1', ttlMs: 60_000 }));
  board.set(KEY, 'up');
  await clock.advance(10);
  board.set(KEY, 'down');
  await clock.advance(1_000);
  assert.equal((await store.get(KEY))?.value, 'down');
  const [request] = late;
  assert.ok(request !== undefined);
  assert.equal((await store.commit(request)).kind, 'conflict', 'it has become void');
  assert.equal((await store.get(KEY))?.value, 'down');
});

test('a record that somebody left under the same key is read and replaced', async () => {
  const { clock, store, board } = boardOn((inner) => inner);
  await store.commit({ guards: [], writes: [{ kind: 'put', key: KEY, value: 'old' }], token: 'left' });
  board.setSession(await store.openSession({ id: 's1', ttlMs: 60_000 }));
  board.set(KEY, 'up');
  await clock.advance(1_000);
  assert.equal((await store.get(KEY))?.value, 'up');
  board.set(KEY, null);
  await clock.advance(1_000);
  assert.equal(await store.get(KEY), null);
});

test('a single change is written at once, and those that follow on its heels go together', async () => {
  const sizes: number[] = [];
  const { clock, store, board } = boardOn((inner) => ({
    ...inner,
    commit: (request) => {
      sizes.push(request.writes.length);
      return inner.commit(request);
    },
    get: (key) => inner.get(key),
  }));
  board.setSession(await store.openSession({ id: 's1', ttlMs: 60_000 }));
  board.set(KEY, 'up');
  await clock.advance(0);
  assert.deepEqual(sizes, [1], 'nothing is waited for');
  for (let place = 0; place < 100; place += 1) {
    board.set(`${KEY}-${place}`, 'down');
    await Promise.resolve();
  }
  await clock.advance(20);
  assert.deepEqual(sizes, [1, 100]);
});

test('what the next try settles is not told to people; what goes on is told once, without a stack', async () => {
  const told: [string, object][] = [];
  let refuses = true;
  const clock = createFakeClock();
  const store = new MemoryStoreWorld().connect({ clock, bounds: BOUNDS });
  const logger = { ...SILENT, warn: (data: object, message: string) => told.push([message, data]) };
  const refusing: Store = {
    ...store,
    commit: (request) => (refuses ? Promise.reject(new Error('no answer')) : store.commit(request)),
    get: (key) => store.get(key),
  };
  const board = new RecordBoard({ store: refusing, clock, logger, uniqueId: () => crypto.randomUUID() });
  board.setSession(await store.openSession({ id: 's1', ttlMs: 60_000 }));
  board.set(KEY, 'up');
  await clock.advance(250);
  assert.deepEqual(told, [], 'two tries');
  await clock.advance(2_000);
  assert.deepEqual(told, [['observations cannot be written; trying again', { reason: 'no answer' }]]);
  refuses = false;
  await clock.advance(1_000);
  assert.equal((await store.get(KEY))?.value, 'up');
});
