// Who is told of configuration files that are not the one in force: after a while, once, and at once where a prober cannot load
// the record at all (S7).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchConfigDrift } from '../../../src/controller/config-drift.ts';
import { type Bench, createBench } from './controller-bench.ts';

type Told = { readonly bench: Bench; readonly subjects: string[]; readonly stop: () => void };

async function watched(): Promise<Told> {
  const bench = await createBench();
  const subjects: string[] = [];
  const stop = watchConfigDrift({ ...bench.deps, alert: ({ subject }) => subjects.push(subject) });
  return { bench, subjects, stop };
}

async function tell({ bench }: Told, prober: string, record: object | string | null): Promise<void> {
  const { store, keys, clock } = bench;
  const key = keys.prober(prober);
  const value = typeof record === 'string' ? record : JSON.stringify(record);
  const write = record === null ? ({ kind: 'delete', key } as const) : ({ kind: 'put', key, value } as const);
  await store.commit({ guards: [], writes: [write], token: crypto.randomUUID() });
  await clock.advance(50);
}

const TOLD = 'prober p2: its configuration file is not the one in force';
const MINUTE_MS = 60_000;

test('a file that differs is told once, after `driftAfter`', async () => {
  const told = await watched();
  await tell(told, 'p2', { configStanding: 'differs' });
  await told.bench.clock.advance(9 * MINUTE_MS);
  assert.deepEqual(told.subjects, []);
  await told.bench.clock.advance(2 * MINUTE_MS);
  assert.deepEqual(told.subjects, [TOLD]);
  await tell(told, 'p2', { configStanding: 'differs', pid: 2 });
  await told.bench.clock.advance(30 * MINUTE_MS);
  assert.deepEqual(told.subjects, [TOLD]);
});

test('a file that follows in time is not told; one that differs again is counted anew', async () => {
  const told = await watched();
  await tell(told, 'p2', { configStanding: 'differs' });
  await told.bench.clock.advance(8 * MINUTE_MS);
  await tell(told, 'p2', { configStanding: 'inForce' });
  await told.bench.clock.advance(8 * MINUTE_MS);
  await tell(told, 'p2', { configStanding: 'differs' });
  await told.bench.clock.advance(8 * MINUTE_MS);
  assert.deepEqual(told.subjects, []);
});

test('a prober that cannot load the record is told at once', async () => {
  const told = await watched();
  await tell(told, 'p3', { configStanding: 'unloadable' });
  assert.deepEqual(told.subjects, ['prober p3: cannot load the configuration in force']);
});

test('a prober outside the configuration, one that is gone, a damaged and an older record are not told', async () => {
  const told = await watched();
  await tell(told, 'p9', { configStanding: 'unloadable' });
  await tell(told, 'p1', '{');
  await tell(told, 'p3', { pid: 1 });
  await tell(told, 'p2', { configStanding: 'differs' });
  await tell(told, 'p2', null);
  await told.bench.clock.advance(30 * MINUTE_MS);
  assert.deepEqual(told.subjects, []);
});

test('nothing is told after the term', async () => {
  const told = await watched();
  await tell(told, 'p2', { configStanding: 'differs' });
  told.stop();
  await told.bench.clock.advance(30 * MINUTE_MS);
  await tell(told, 'p3', { configStanding: 'unloadable' });
  assert.deepEqual(told.subjects, []);
});
