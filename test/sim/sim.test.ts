// The same seed is the same run, also in another process, and a violation ends the command with the shortest story of it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { emptyCells } from './format-cells.ts';
import { MUTATIONS } from './mutations.ts';

describe('simulation', () => {
  test('the same seed is the same run', async () => {
    const [first, second, other] = [await logOf(5), await logOf(5), await logOf(6)];
    assert.ok(first.length > 2_000);
    assert.equal(second, first);
    assert.notEqual(other, first);
  });

  test('a violation ends the command with a story that is shorter than the run, and with its seed', async () => {
    const { id = '', fromSeed = 1 } = MUTATIONS.find((mutation) => mutation.id === 'S19') ?? {};
    const ended = await runCommand(['--seed', String(fromSeed), '--mutate', id]);
    assert.equal(ended.status, 1);
    assert.match(ended.output, new RegExp(`^seed ${fromSeed}: I\\d+ `, 'm'));
    const [, all, enough] = /^(\d+) faults, (\d+) are enough for I\d+$/m.exec(ended.output) ?? [];
    assert.ok(Number(enough) < Number(all), ended.output);
  });

  test('a cell that nobody has met is named, unless it has its reason', () => {
    const empty = emptyCells({ 'FENCE x crash': 1 });
    assert.ok(empty.includes('FENCE x hung'));
    assert.ok(!empty.includes('FENCE x crash') && !empty.includes('GRANT x crash'));
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
