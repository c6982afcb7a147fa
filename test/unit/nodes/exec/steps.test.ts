// The order of steps (S12) and what happens to those who come late, twice or after their right to act has ended.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Guard } from '../../../../src/nodes/exec/guard.ts';
import type { SteppedAction } from '../../../../src/ports/node-driver.ts';
import {
  contextAt,
  type ExecBench,
  eventually,
  isProcessAlive,
  NEVER,
  openExecBench,
} from '../../../support/exec-bench.ts';

const STOPPING = fileURLToPath(new URL('../../../support/stopping-runner.ts', import.meta.url));
const PARENT = fileURLToPath(new URL('../../../support/exec-parent.ts', import.meta.url));
const KEY = { cluster: 'prod', service: 'web', node: 'a' };
/** Longer than the scripts here wait before they would leave their mark. */
const LATE_MS = 700;

function act(bench: ExecBench, action: SteppedAction, step: number, change = {}) {
  return bench.driver.act(action, contextAt(step, change), { timeoutMs: 60_000, signal: NEVER });
}

function pause(ms: number) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Killed within the kill time of S9 after its deadline; a busy machine gets some more tries, and each more time to begin. */
async function killedInTime(bench: ExecBench): Promise<void> {
  bench.actions.start = bench.script('echo $$ > start.pid; sleep 20; touch late; sleep 60');
  for (const [step, allowedMs] of [200, 600, 1_800, 5_400].entries()) {
    rmSync(bench.path('start.pid'), { force: true });
    bench.allow(allowedMs);
    const began = bench.clock.monotonicMs();
    assert.equal((await act(bench, 'start', step + 1)).kind, 'killed');
    const tookMs = bench.clock.monotonicMs() - began;
    if (!bench.exists('start.pid') || bench.read('start.pid') === '') continue;
    assert.equal(isProcessAlive(Number(bench.read('start.pid'))), false);
    if (tookMs < allowedMs + 1_000) return;
  }
  assert.fail('a script is never killed within the kill time of S9');
}

describe('exec driver, order of steps', { concurrency: 4 }, () => {
  test('a lower step, epoch or generation is refused and runs nothing (S12)', async () => {
    await using bench = await openExecBench();
    bench.actions.start = bench.script('echo ran >> runs');
    assert.equal((await act(bench, 'start', 5, { epoch: 3, generation: 2 })).kind, 'done');
    for (const late of [
      { step: 4, epoch: 3, generation: 2 },
      { step: 9, epoch: 2, generation: 2 },
      { step: 9, epoch: 9, generation: 1 },
    ]) {
      const result = await act(bench, 'start', late.step, late);
      assert.equal(result.kind, 'refused');
      assert.match(result.reason, /the guard has seen start at generation 2, epoch 3, step 5 \(S12\)/);
    }
    assert.equal(bench.read('runs'), 'ran\n');
  });

  test('steps of another node, service or cluster do not count', async () => {
    await using bench = await openExecBench();
    bench.actions.start = bench.script('true');
    assert.equal((await act(bench, 'start', 5)).kind, 'done');
    for (const change of [{ node: 'b' }, { service: 'mail' }, { cluster: 'test' }]) {
      assert.equal((await act(bench, 'start', 1, change)).kind, 'done');
    }
  });

  test('an equal step gets the recorded answer and runs nothing, also from a later runner', async () => {
    await using bench = await openExecBench();
    bench.actions.start = bench.script('echo ran >> runs; echo said; exit 4');
    const first = await act(bench, 'start', 1);
    const again = await act(bench, 'start', 1);
    assert.deepEqual(again, { ...first, repeated: true });
    await using later = await openExecBench({ guardPath: bench.guardPath });
    later.actions.start = bench.actions.start;
    assert.deepEqual(await act(later, 'start', 1), { ...first, repeated: true });
    assert.equal(bench.read('runs'), 'ran\n');
  });

  test('one step cannot mean two actions', async () => {
    await using bench = await openExecBench();
    bench.actions.start = bench.script('true');
    bench.actions.stop = bench.script('touch stopped');
    await act(bench, 'start', 1);
    assert.equal((await act(bench, 'stop', 1)).kind, 'refused');
    assert.equal(bench.exists('stopped'), false);
  });

  test('two runners with the same step run it once (I5)', async () => {
    await using one = await openExecBench();
    await using two = await openExecBench({ guardPath: one.guardPath });
    one.actions.start = one.script('echo ran >> runs; sleep 0.2');
    two.actions.start = one.actions.start;
    for (let step = 1; step <= 5; step += 1) {
      const results = await Promise.all([act(one, 'start', step), act(two, 'start', step), act(two, 'start', step)]);
      assert.deepEqual(
        results.map(({ kind }) => kind),
        ['done', 'done', 'done'],
      );
      assert.equal(results.filter(({ repeated }) => !repeated).length, 1);
      assert.equal(one.read('runs'), 'ran\n'.repeat(step));
    }
  });

  test('a higher step ends the lower one before it begins', async () => {
    await using one = await openExecBench();
    await using two = await openExecBench({ guardPath: one.guardPath });
    const late = 'while [ ! -e stopped ]; do sleep 0.05; done; touch late; sleep 60';
    one.actions.start = one.script(`trap "" TERM; echo $$ > start.pid; ${late}`);
    two.actions.stop = one.script('kill -0 $(cat start.pid) 2>/dev/null && touch overlap; touch stopped');
    const starting = act(one, 'start', 1);
    await eventually(() => one.exists('start.pid') && one.read('start.pid') !== '', 'the start script runs');
    assert.equal((await act(two, 'stop', 2)).kind, 'done');
    const lost = await starting;
    assert.equal(lost.kind, 'killed');
    assert.match(lost.reason, /a higher step took its place/);
    await pause(LATE_MS);
    assert.deepEqual([one.exists('overlap'), one.exists('late')], [false, false]);
  });

  test('a service that a finished start left behind is not ended by later steps', async () => {
    await using bench = await openExecBench();
    bench.actions.start = bench.script('sleep 30 & echo $! > service.pid');
    bench.actions.sync = bench.script('true');
    await act(bench, 'start', 1);
    const pid = Number(bench.read('service.pid'));
    assert.equal((await act(bench, 'sync', 2)).kind, 'done');
    assert.equal(isProcessAlive(pid), true);
    process.kill(pid, 'SIGKILL');
  });
});

describe('exec driver, the right to act', { concurrency: 4 }, () => {
  test('nothing starts without a deadline in the future (S8)', async () => {
    await using bench = await openExecBench();
    bench.actions.start = bench.script('touch started');
    bench.allow(-1);
    const result = await act(bench, 'start', 1);
    assert.equal(result.kind, 'killed');
    assert.match(result.reason, /right to act has ended/);
    assert.equal(bench.exists('started'), false);
  });

  test('a script is killed when the deadline passes, and lives on when it is renewed', async () => {
    await using bench = await openExecBench();
    await killedInTime(bench);
    bench.actions.start = bench.script('touch again; while [ ! -e enough ]; do sleep 0.05; done; touch renewed');
    bench.allow(4_000);
    const renewing = act(bench, 'start', 9);
    await eventually(() => bench.exists('again'), 'the script runs');
    bench.allow(60_000);
    await pause(4_500);
    writeFileSync(bench.path('enough'), '');
    assert.equal((await renewing).kind, 'done');
    assert.deepEqual([bench.exists('renewed'), bench.exists('late')], [true, false]);
  });

  for (const point of ['record', 'go'] as const) {
    test(`a runner stopped before ${point} never starts anything late`, async () => {
      await using one = await openExecBench({ entry: STOPPING });
      await using two = await openExecBench({ guardPath: one.guardPath });
      one.actions.start = one.script('touch late');
      two.actions.stop = one.script('touch stopped');
      writeFileSync(`${one.guardPath}.stop-${point}`, '');
      const starting = act(one, 'start', 1);
      const pid = one.runner.pid();
      await eventually(() => /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')), 'the runner stops');
      assert.equal((await act(two, 'stop', 2)).kind, 'done');
      process.kill(pid ?? 0, 'SIGCONT');
      assert.equal((await starting).kind, 'killed');
      await pause(100);
      assert.deepEqual([one.exists('stopped'), one.exists('late')], [true, false]);
    });

    test(`a runner stopped before ${point} until its deadline has passed starts nothing`, async () => {
      await using bench = await openExecBench({ entry: STOPPING });
      bench.actions.start = bench.script('touch late');
      writeFileSync(`${bench.guardPath}.stop-${point}`, '');
      // Long enough for a busy runner to come to that point.
      bench.allow(3_000);
      const starting = act(bench, 'start', 1);
      const pid = bench.runner.pid();
      await eventually(() => /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')), 'the runner stops');
      await pause(3_100);
      process.kill(pid ?? 0, 'SIGCONT');
      assert.equal((await starting).kind, 'killed');
      await pause(100);
      assert.equal(bench.exists('late'), false);
    });
  }

  test('a controller that is killed takes its scripts with it, and nothing lands late', async () => {
    await using bench = await openExecBench();
    const late = 'while [ ! -e gone ]; do sleep 0.05; done; touch late; sleep 60';
    const script = bench.script(`sleep 60 & echo $$ $! > pids; ${late}`).command.argv[0] ?? '';
    const parent = spawn(process.execPath, [PARENT, bench.guardPath, script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(parent.stdout, 'data');
    await eventually(() => bench.exists('pids') && bench.read('pids').trim() !== '', 'the script runs');
    parent.kill('SIGKILL');
    const runnerPid = Number(String(line));
    const pids = bench.read('pids').trim().split(' ').map(Number);
    await eventually(() => ![runnerPid, ...pids].some(isProcessAlive), 'runner and script end');
    writeFileSync(bench.path('gone'), '');
    await pause(LATE_MS);
    assert.equal(bench.exists('late'), false);
    using guard = new Guard(bench.guardPath);
    assert.equal(guard.read(KEY)?.phase, 'killed');
    assert.match(guard.read(KEY)?.result?.reason ?? '', /the controller is gone/);
  });

  test('a runner that is killed is replaced, its script ended, and the step not repeated', async () => {
    await using bench = await openExecBench();
    bench.actions.start = bench.script('echo ran >> runs; echo $$ > start.pid; sleep 60');
    const starting = act(bench, 'start', 1);
    await eventually(() => bench.exists('start.pid') && bench.read('start.pid') !== '', 'the script runs');
    process.kill(bench.runner.pid() ?? 0, 'SIGKILL');
    const result = await starting;
    assert.equal(result.kind, 'killed');
    assert.equal(isProcessAlive(Number(bench.read('start.pid'))), false);
    const again = await act(bench, 'start', 1);
    assert.deepEqual([again.kind, again.repeated], ['killed', true]);
    assert.equal(bench.read('runs'), 'ran\n');
    bench.actions.stop = bench.script('true');
    assert.equal((await act(bench, 'stop', 2)).kind, 'done');
  });

  test('a service that writes on survives the end of the runner', async () => {
    const bench = await openExecBench();
    bench.actions.start = bench.script(
      '(while :; do echo tick; echo x >> ticks; sleep 0.05; done) & echo $! > service.pid',
    );
    assert.equal((await act(bench, 'start', 1)).kind, 'done');
    const pid = Number(bench.read('service.pid'));
    const runnerPid = bench.runner.pid() ?? 0;
    process.kill(runnerPid, 'SIGKILL');
    await eventually(() => !isProcessAlive(runnerPid), 'the runner is gone');
    const ticks = bench.read('ticks').length;
    await eventually(() => bench.read('ticks').length > ticks + 10, 'the service writes on');
    process.kill(pid, 'SIGKILL');
    await bench[Symbol.asyncDispose]();
  });
});

describe('exec driver, a damaged guard', { concurrency: 4 }, () => {
  test('a guard file that is deleted or replaced while in use is named and nothing runs', async () => {
    await using bench = await openExecBench();
    bench.actions.start = bench.script('touch started');
    rmSync(bench.guardPath);
    const gone = await act(bench, 'start', 1);
    assert.equal(gone.kind, 'failed');
    assert.match(gone.reason, /^ONEUP_GUARD_LOST: .*deleted or replaced/);
    writeFileSync(bench.guardPath, '');
    assert.match((await act(bench, 'start', 1)).reason, /^ONEUP_GUARD_LOST/);
    assert.equal(bench.exists('started'), false);
  });

  test('a guard file that is no database stops the runner from starting, and status says so', async () => {
    await using bench = await openExecBench();
    bench.actions.start = bench.script('touch started');
    const status = async () => bench.driver.status(contextAt(1), { signal: NEVER });
    for (const suffix of ['-wal', '-shm']) rmSync(bench.guardPath + suffix, { force: true });
    writeFileSync(bench.guardPath, 'this is not a database, however long one looks at it'.repeat(100));
    assert.match((await status()).reason, /^ONEUP_GUARD_CORRUPT/);
    await assert.rejects(openExecBench({ guardPath: bench.guardPath }), {
      code: 'ONEUP_RUNNER_FAILED',
      message: /ONEUP_GUARD_CORRUPT|not a database/,
    });
    const refused = await act(bench, 'start', 1);
    assert.equal(refused.kind, 'failed');
    assert.match(refused.reason, /^ONEUP_GUARD_CORRUPT/);
    assert.equal(bench.exists('started'), false);
  });
});
