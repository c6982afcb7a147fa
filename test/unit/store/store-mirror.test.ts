// A prober's copy of the records: complete, current, told commit by commit, and honest about when it was last proven.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OneupError } from '../../../src/base/oneup-error.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { startStoreMirror } from '../../../src/store/store-mirror.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { SILENT } from '../../support/prober-world.ts';
import { put } from '../../support/store-calls.ts';

const BOUNDS = { rho: 0.01, marginMs: 100 };

function open(options: { readonly logRevisionsMax?: number } = {}) {
  const clock = createFakeClock();
  const world = new MemoryStoreWorld(options);
  let isAway = false;
  let isCut = false;
  const unreachable = () => (isAway ? new Error('the store is away') : null);
  const store = world.connect({ clock, bounds: BOUNDS });
  const stop = new AbortController();
  const cut = new OneupError('ONEUP_STORE_UNREACHABLE', 'Cannot reach the store: it is cut off');
  const own = world.connect({ clock, bounds: BOUNDS, faults: { before: () => (isCut ? cut : null) } });
  const view = startStoreMirror({
    store: { ...bind(own), list: async (prefix) => fail(unreachable()) ?? own.list(prefix) },
    root: '/oneup/test/',
    clock,
    logger: SILENT,
    watchTimeoutMs: 5_000,
    signal: stop.signal,
  });
  const setAway = (away: boolean) => {
    isAway = away;
  };
  /** Not only lists fail, but all calls, and the store knows that it is lost. */
  const setCut = (isCutNow: boolean) => {
    isCut = isCutNow;
  };
  return { clock, store, view, stop, setAway, setCut };
}

function bind(store: ReturnType<MemoryStoreWorld['connect']>) {
  return {
    kind: store.kind,
    get: store.get.bind(store),
    commit: store.commit.bind(store),
    outcomeOf: store.outcomeOf.bind(store),
    watch: store.watch.bind(store),
    openSession: store.openSession.bind(store),
    health: store.health.bind(store),
    [Symbol.asyncDispose]: store[Symbol.asyncDispose].bind(store),
  };
}

function fail(error: Error | null): null {
  if (error !== null) throw error;
  return null;
}

test('the mirror holds what was there before and what comes after, without journals and histories', async () => {
  const { clock, store, view, stop } = open();
  await put(store, '/oneup/test/service/web', '1');
  await put(store, '/oneup/test/journal/web/x/1', 'left out');
  await put(store, '/oneup/other/service/web', 'of another cluster');
  await clock.advance(50);
  await put(store, '/oneup/test/service/db', '2');
  await put(store, '/oneup/test/history/web/x', 'left out');
  await clock.advance(50);
  assert.deepEqual(
    view.list('/oneup/').map((entry) => entry.key),
    ['/oneup/test/service/db', '/oneup/test/service/web'],
  );
  stop.abort();
});

test('listeners hear of a commit once, when all of it is there (S29)', async () => {
  const { clock, store, view, stop } = open();
  await clock.advance(50);
  const seen: string[] = [];
  view.onChange('/oneup/test/dns/', () =>
    seen.push(
      view
        .list('/oneup/test/dns/')
        .map((entry) => entry.value)
        .join(),
    ),
  );
  const write = (key: string, value: string) => ({ kind: 'put', key: `/oneup/test/dns/${key}`, value }) as const;
  await store.commit({ guards: [], writes: [write('a', '1'), write('b', '1'), write('c', '1')], token: 't1' });
  await store.commit({ guards: [], writes: [write('a', '2'), write('c', '2')], token: 't2' });
  await clock.advance(50);
  assert.deepEqual(seen, ['1,1,1', '2,1,2']);
  stop.abort();
});

test('after lost events everything is listed again, deletions included (S6)', async () => {
  const { clock, store, view, stop } = open({ logRevisionsMax: 3 });
  await put(store, '/oneup/test/service/web', '1');
  await clock.advance(50);
  assert.equal(view.list('/oneup/test/').length, 1);
  clock.stall(10);
  await store.commit({ guards: [], writes: [{ kind: 'delete', key: '/oneup/test/service/web' }], token: 'd' });
  for (let index = 0; index < 10; index += 1) await put(store, '/oneup/test/term', String(index));
  await clock.advance(100);
  assert.deepEqual(
    view.list('/oneup/test/').map(({ key, value }) => `${key}=${value}`),
    ['/oneup/test/term=9'],
  );
  stop.abort();
});

test('a silent watch is not believed: after watchTimeout the store is listed again, and a failure shows', async () => {
  const { clock, view, stop, setAway } = open();
  assert.equal(view.confirmedAtMonoMs(), null, 'before the first list nothing is proven');
  await clock.advance(50);
  const provenAt = view.confirmedAtMonoMs() ?? 0;
  assert.ok(provenAt > 0);
  setAway(true);
  await clock.advance(6_000);
  assert.equal(view.confirmedAtMonoMs(), provenAt, 'without a list nothing more is proven');
  setAway(false);
  await clock.advance(1_000);
  assert.ok((view.confirmedAtMonoMs() ?? 0) > 6_000);
  stop.abort();
});

test('what was proven stays proven: a store away for a moment is as old as that moment, not as the last list (S30)', async () => {
  const { clock, store, view, stop, setCut } = open();
  await clock.advance(50);
  // The watch is never silent for watchTimeout, so nothing is listed again for a minute.
  for (let second = 0; second < 60; second += 1) {
    await put(store, '/oneup/test/term', String(second));
    await clock.advance(1_000);
  }
  const provenAt = view.confirmedAtMonoMs() ?? 0;
  assert.ok(provenAt >= clock.monotonicMs() - 1_000);
  setCut(true);
  await clock.advance(500);
  assert.ok((view.confirmedAtMonoMs() ?? 0) >= provenAt);
  assert.ok((view.confirmedAtMonoMs() ?? 0) < clock.monotonicMs());
  stop.abort();
});
