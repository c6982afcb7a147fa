// The two thousand seeds that every change must hold, on all cores: every invariant, and together every kind of harm and of
// effect.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAULT_KINDS } from './fault-kinds.ts';
import { runRange } from './play-range.ts';

const SEEDS = 2_000;
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

test('two thousand seeds hold every invariant and meet every kind of harm', async () => {
  const run = await runRange({ from: 1, seeds: SEEDS });
  assert.deepEqual(run.failures, [], 'a seed is told in full by: npm run sim -- --seed N');
  assert.equal(run.seeds, SEEDS);
  const { fault = {}, effect = {} } = run.totals;
  assert.deepEqual(
    [...FAULT_KINDS, ...EFFECTS].filter((what) => fault[what] === undefined && effect[what] === undefined),
    [],
  );
});
