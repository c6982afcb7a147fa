// A prober ends itself as a duplicate only when it has seen somebody keep its id, and never because it slept.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storeKeys } from '../../../src/base/store-keys.ts';
import type { ProberDeps } from '../../../src/prober/prober-deps.ts';
import type { RecordBoard } from '../../../src/prober/record-board.ts';
import { keepSession } from '../../../src/prober/session-keeper.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { SILENT, testConfig } from '../../support/prober-world.ts';
import { put } from '../../support/store-calls.ts';

const BOUNDS = { rho: 0.01, marginMs: 100 };
const TTL_MS = 2_000;

/** `holder` is the id of the session that has the prober's id. */
async function world(holder = 'p1-other') {
  const stores = new MemoryStoreWorld({ logRevisionsMax: 400 });
  const [theirs, ours] = [createFakeClock(), createFakeClock()];
  const keys = storeKeys('test');
  const other = stores.connect({ clock: theirs, bounds: BOUNDS });
  const session = await other.openSession({ id: holder, ttlMs: TTL_MS });
  await put(other, keys.prober('p1'), '{}', session.id);
  const store = stores.connect({ clock: ours, bounds: BOUNDS });
  const deps = { id: 'p1', keys, store, clock: ours, config: testConfig(), logger: SILENT, signal: neverAborted() };
  const joined: string[] = [];
  const ended: string[] = [];
  void keepSession({
    deps: { ...deps, processId: 'this', uniqueId: () => crypto.randomUUID() } as unknown as ProberDeps,
    board: { setSession: () => {}, set: () => {} } as unknown as RecordBoard,
    record: () => '{}',
    onSession: ({ id }) => joined.push(id),
    isFit: () => true,
  }).catch((error: { code: string }) => ended.push(error.code));
  return { theirs, ours, other, joined, ended };
}

function neverAborted(): AbortSignal {
  return new AbortController().signal;
}

async function pass(clocks: readonly FakeClock[], ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 50) for (const clock of clocks) await clock.advance(50);
}

test('an id that another process keeps renewing is refused', async () => {
  const { theirs, ours, joined, ended } = await world();
  await pass([theirs, ours], 4 * TTL_MS);
  assert.deepEqual([joined, ended], [[], ['ONEUP_PROBER_DUPLICATE']]);
});

test('the id of a process that died is taken when its session has run out', async () => {
  const { ours, other, joined, ended } = await world();
  await other[Symbol.asyncDispose]();
  await pass([ours], 4 * TTL_MS);
  assert.deepEqual([joined.length, ended], [1, []]);
});

test('a process that stood still has not seen that its id is taken, and waits anew', async () => {
  const { theirs, ours, other, joined, ended } = await world();
  await pass([theirs, ours], 400);
  ours.stall(10 * TTL_MS);
  await pass([theirs], 10 * TTL_MS);
  await other[Symbol.asyncDispose]();
  await pass([ours], 4 * TTL_MS);
  assert.deepEqual([joined.length, ended], [1, []]);
});

test('a session of this very process is waited out however late the network still renews it', async () => {
  const { theirs, ours, other, joined, ended } = await world('p1-this-earlier');
  await pass([theirs, ours], 6 * TTL_MS);
  assert.deepEqual([joined, ended], [[], []]);
  await other[Symbol.asyncDispose]();
  await pass([ours], 4 * TTL_MS);
  assert.deepEqual([joined.length, ended], [1, []]);
});
