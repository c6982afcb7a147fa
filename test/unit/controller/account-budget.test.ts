// The budget of an account as controllers share it: what may wait is written down before it is called, what a failover takes
// is written down behind it, and a successor goes on from the record and from nothing else.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AccountBudget } from '../../../src/controller/account-budget.ts';
import { chargeAccount } from '../../../src/controller/account-record.ts';
import { termGuards } from '../../../src/controller/term-guards.ts';
import type { CallBudget } from '../../../src/plan/call-budget.ts';
import type { Store } from '../../../src/ports/store.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { type Bench, createBench, holdTerm } from './controller-bench.ts';

/** Half of them at once, one a second. */
const BUDGET: CallBudget = { calls: 20, perMs: 10_000, reserve: 4 };
const NOW = { maxWaitMs: 0, signal: new AbortController().signal };

type Holder = { readonly bench: Bench; readonly budget: AccountBudget; readonly commits: () => number };

async function hold(
  world: MemoryStoreWorld,
  term = 1,
  wrap: (store: Store) => Store = (store) => store,
): Promise<Holder> {
  let commits = 0;
  const wrapStore = (store: Store) =>
    wrap({
      ...(store as Store),
      get: (key) => store.get(key),
      list: (prefix) => store.list(prefix),
      outcomeOf: (token) => store.outcomeOf(token),
      watch: (prefix, options) => store.watch(prefix, options),
      openSession: (options) => store.openSession(options),
      health: () => store.health(),
      commit: (request) => {
        commits += request.writes.some(({ key }) => key.includes('budget/')) ? 1 : 0;
        return store.commit(request);
      },
    });
  const bench = await createBench({ world, id: `p${term}`, wrapStore });
  const { tenure } = await holdTerm(bench, term);
  const { deps, keys } = bench;
  const key = keys.budget('shared');
  const budget = new AccountBudget({ deps, key, budget: BUDGET, rho: 0, guards: () => termGuards(keys, tenure) });
  return { bench, budget, commits: () => commits };
}

async function recorded({ bench }: Holder): Promise<number | null> {
  const entry = await bench.store.get(bench.keys.budget('shared'));
  return entry === null ? null : (JSON.parse(entry.value) as { level: number }).level;
}

/** What is waited for, on a clock that this moves. */
async function ended<T>({ bench }: Holder, wanted: Promise<T>): Promise<T> {
  await bench.clock.advance(100);
  return wanted;
}

/** As a command of a person does, at whatever prober. */
async function charge({ bench }: Holder, cost: number): Promise<void> {
  const { store, keys, deps } = bench;
  const charging = { store, uniqueId: deps.uniqueId, keyOf: keys.budget };
  await chargeAccount(charging, { account: 'shared', budget: BUDGET }, cost);
}

describe('AccountBudget', () => {
  test('calls that people started come off the bucket, each once, and a successor knows of them too', async () => {
    const world = new MemoryStoreWorld();
    const holder = await hold(world);
    await ended(holder, holder.budget.take(1, NOW));
    await holder.bench.clock.advance(20_000);
    assert.equal(await ended(holder, holder.budget.take(1, NOW)), 0);
    const before = holder.budget.level ?? Number.NaN;
    await charge(holder, 2);
    await charge(holder, 1);
    holder.budget.count(0);
    await holder.bench.clock.advance(0);
    holder.budget.count(0);
    await holder.bench.clock.advance(0);
    assert.equal(holder.budget.level, before - 3);
    await charge(holder, 2);
    const next = await hold(world, 2);
    next.budget.count(0);
    await next.bench.clock.advance(0);
    assert.equal(next.budget.level, BUDGET.reserve - 2);
  });

  test('the first calls wait until something is there beside the reserve, and are written down before they are made', async () => {
    const holder = await hold(new MemoryStoreWorld());
    assert.equal(await ended(holder, holder.budget.take(1, NOW)), 1_000, 'one a second');
    assert.equal(await recorded(holder), null, 'nothing was taken');
    await holder.bench.clock.advance(3_000);
    assert.equal(await ended(holder, holder.budget.take(2, NOW)), 0);
    assert.equal(await recorded(holder), 5.1);
  });

  test('who may wait gets the call when it is there', async () => {
    const holder = await hold(new MemoryStoreWorld());
    const call = holder.budget.take(1, { ...NOW, maxWaitMs: 2_000 });
    let answer: number | null = null;
    void call.then((waitMs) => {
      answer = waitMs;
    });
    await holder.bench.clock.advance(900);
    assert.equal(answer, null);
    await holder.bench.clock.advance(200);
    assert.equal(answer, 0);
  });

  test('a failover is counted at once, beyond what is there, and thirty of them are a few commits', async () => {
    const holder = await hold(new MemoryStoreWorld());
    await ended(holder, holder.budget.take(1, NOW));
    for (let calls = 0; calls < 30; calls += 1) holder.budget.count(1);
    assert.equal(holder.budget.level, -20, 'bounded by one window');
    await holder.bench.clock.advance(100);
    assert.ok(Number(await recorded(holder)) < -19);
    assert.ok(holder.commits() <= 3, `${holder.commits()} commits`);
    const waitMs = await ended(holder, holder.budget.take(1, NOW));
    assert.ok(waitMs > 20_000, 'the rest waits for what failovers owe');
  });

  test('a failover that comes before the record was read is counted with it', async () => {
    const holder = await hold(new MemoryStoreWorld());
    holder.budget.count(3);
    await holder.bench.clock.advance(50);
    assert.ok(Number(await recorded(holder)) < 1.1);
  });

  test('a successor begins with the reserve at most, however long nobody was there', async () => {
    const world = new MemoryStoreWorld();
    const first = await hold(world, 1);
    await ended(first, first.budget.take(1, NOW));
    await first.bench.clock.advance(10_000);
    await ended(first, first.budget.take(1, NOW));
    assert.equal(await recorded(first), 9);
    const second = await hold(world, 2);
    assert.equal(await ended(second, second.budget.take(1, NOW)), 1_000);
    first.budget.count(1);
    await first.bench.clock.advance(100);
    assert.equal(await recorded(second), 9, 'the first does not write any more: its term is over');
  });

  test('what failovers owe is owed by the successor too', async () => {
    const world = new MemoryStoreWorld();
    const first = await hold(world, 1);
    first.budget.count(10);
    await first.bench.clock.advance(100);
    const second = await hold(world, 2);
    const waitMs = await ended(second, second.budget.take(1, NOW));
    assert.ok(waitMs > 10_000, `${waitMs}`);
  });

  test('without the store nothing that may wait is called, and a failover does not notice', async () => {
    let isLost = false;
    const lost = (store: Store): Store => ({
      ...store,
      commit: (request) => (isLost ? Promise.reject(new Error('the store is away')) : store.commit(request)),
    });
    const holder = await hold(new MemoryStoreWorld(), 1, lost);
    await ended(holder, holder.budget.take(1, NOW));
    await holder.bench.clock.advance(5_000);
    isLost = true;
    assert.equal(await ended(holder, holder.budget.take(1, NOW)), 1_000);
    holder.budget.count(1);
    assert.equal(holder.budget.level, 7, 'both are counted: better twice than not at all');
  });
});
