// Thousands of seeds of the simulation hold every invariant and meet every kind of harm, the same seed is the same run, and a
// violation is told as a story that can be played again.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { FAULT_KINDS } from './fault-kinds.ts';
import { runRange } from './play-range.ts';

const SEEDS = 400;

describe('simulation', () => {
  test(`holds its invariants for ${SEEDS} seeds, which together meet every kind of harm`, async () => {
    const { failures, totals, seeds } = await runRange({ from: 1, seeds: SEEDS });
    assert.deepEqual(failures, []);
    assert.equal(seeds, SEEDS);
    const met = new Set(Object.keys(totals.fault ?? {}));
    assert.deepEqual(
      FAULT_KINDS.filter((kind) => !met.has(kind)),
      [],
    );
    const effects = [
      'start done',
      'start failed',
      'stop done',
      'fence done',
      'fence failed',
      'resync done',
      'dns written',
    ];
    assert.deepEqual(
      effects.filter((effect) => totals.effect?.[effect] === undefined),
      [],
    );
  });

  test('the same seed is the same run', async () => {
    const [first, second, other] = [await logOf(5), await logOf(5), await logOf(6)];
    assert.ok(first.length > 2_000);
    assert.equal(second, first);
    assert.notEqual(other, first);
  });
});

/** In a process of its own: the test runner watches every promise, and a run is made of them. */
async function logOf(seed: number): Promise<string> {
  const { status, output } = await runCommand(['--seed', String(seed), '--log']);
  assert.equal(status, 0, output);
  return output;
}

function runCommand(args: readonly string[]): Promise<{ readonly status: number | string; readonly output: string }> {
  const program = fileURLToPath(new URL('sim.ts', import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { maxBuffer: 1e8 }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : (error.code ?? 'killed'), output: stdout + stderr });
    });
  });
}
