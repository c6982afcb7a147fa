// A range of seeds as a test: every invariant holds, and together they meet every kind of harm and of effect.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAULT_KINDS } from './fault-kinds.ts';
import { runRange } from './play-range.ts';

const EFFECTS = [
  'start done',
  'start failed',
  'start timeout',
  'stop done',
  'stop failed',
  'fence done',
  'fence failed',
  'resync done',
  'drain done',
  'dns written',
  'keeper killed',
];

/** One worker: the files of this suite run side by side. */
export function holdRange(from: number, seeds: number): void {
  test(`seeds ${from} to ${from + seeds - 1} hold every invariant and meet every kind of harm`, async () => {
    const run = await runRange({ from, seeds, workers: 1 });
    assert.deepEqual(run.failures, [], 'a seed is told in full by: npm run sim -- --seed N');
    assert.equal(run.seeds, seeds);
    const { fault = {}, effect = {} } = run.totals;
    assert.deepEqual(
      [...FAULT_KINDS, ...EFFECTS].filter((what) => fault[what] === undefined && effect[what] === undefined),
      [],
    );
  });
}
