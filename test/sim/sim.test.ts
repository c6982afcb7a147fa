// Some hundred seeds of the simulation, and proof that its checkers see what they are there for: the same run is the same
// again, the seeds meet the faults they draw, and each fault put into the protocol on purpose is found.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Mutation } from './mutation.ts';
import { type RunResult, runSeed } from './run-seed.ts';

const SEEDS = 200;

describe('simulation', () => {
  // In processes of their own: the test runner watches every promise, and a run is made of them.
  test(`holds its invariants for ${SEEDS} seeds, which together meet every kind of harm`, async () => {
    const halves = await Promise.all([playSeeds(1, SEEDS / 2), playSeeds(1 + SEEDS / 2, SEEDS / 2)]);
    const met = new Set(halves.flatMap((totals) => Object.keys(totals)));
    const wanted = [
      'start done',
      'start failed',
      'start timeout',
      'stop done',
      'stop failed',
      'fence done',
      'fence failed',
    ];
    wanted.push('controller deaths', 'controller pauses', 'commit late', 'commit answer lost', 'commit request lost');
    wanted.push('switchover', 'failback', 'adopt', 'rejoin', 'maintenance', 'confirmDown', 'resync done');
    assert.deepEqual(
      wanted.filter((what) => !met.has(what)),
      [],
    );
  });

  test('a violation ends the command with the seed that shows it', async () => {
    const ended = await runCommand(['--from', '4', '--mutation', 'skipProof']);
    assert.equal(ended.status, 1);
    assert.match(ended.output, /^seed \d+: I2 /m);
  });

  test('the same seed is the same run', async () => {
    const [first, second] = [await runSeed(5), await runSeed(5)];
    assert.ok(first.log.length > 50);
    assert.deepEqual(second.log, first.log);
    assert.notDeepEqual((await runSeed(6)).log, first.log);
  });
});

describe('the checkers find a protocol', () => {
  // The seed is where the search begins; with other draws the fault shows itself a little later.
  const MUTATIONS: readonly [mutation: Mutation, from: number, invariants: readonly string[], what: string][] = [
    ['skipProof', 4, ['I1', 'I2', 'I7'], 'that believes every other node to be down'],
    ['exitCodeIsProof', 107, ['I1', 'I7'], 'that takes an exit code for a confirmed fence'],
    ['dnsBeforeVerify', 1, ['I3'], 'that writes DNS before the target answers'],
    ['noSteps', 6, ['I5', 'I1'], 'whose guards forget steps'],
    ['blindDns', 65, ['I4', 'I3'], 'whose DNS writes do not look at what is there'],
  ];
  for (const [mutation, from, invariants, what] of MUTATIONS) {
    test(what, async () => {
      const found = await firstViolation(mutation, from);
      assert.ok(found !== null, `no seed shows ${mutation}`);
      const [violation] = found.violations;
      assert.ok(invariants.includes(violation?.invariant ?? ''), JSON.stringify(violation));
    });
  }
});

async function playSeeds(from: number, seeds: number): Promise<Readonly<Record<string, number>>> {
  const { status, output } = await runCommand(['--from', String(from), '--seeds', String(seeds)]);
  assert.equal(status, 0, output);
  return (JSON.parse(output) as { totals: Record<string, number> }).totals;
}

function runCommand(args: readonly string[]): Promise<{ readonly status: number | string; readonly output: string }> {
  const program = fileURLToPath(new URL('sim.ts', import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : (error.code ?? 'killed'), output: stdout + stderr });
    });
  });
}

/** The same seeds pass without the mutation, so it is the mutation that is found. */
async function firstViolation(mutation: Mutation, from: number): Promise<RunResult | null> {
  for (let seed = from; seed < from + SEEDS; seed += 1) {
    const result = await runSeed(seed, mutation);
    if (result.violations.length > 0) return result;
  }
  return null;
}
