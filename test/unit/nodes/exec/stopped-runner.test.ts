// A runner that is stopped (SIGSTOP) bounds nothing any more: the controller that owns it, or another one that waits for the
// same step, has to end the script and answer (S12, S33). The scripts here stop the runner themselves: it is their parent.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
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

const KEY = { cluster: 'prod', service: 'web', node: 'a' };
/** Stops the runner, then hangs. The file says that it has begun. */
const STOP_AND_HANG = 'echo ran >> runs; echo $$ > hanging.pid; kill -STOP $PPID; exec sleep 300';
/** So long that the runner's own controller does nothing while the test looks at another one. */
const PATIENT = { killMs: 30_000 };
const HASTY = { killMs: 1_000 };
/** For a script that must have begun by then, also on a busy machine. */
const BEGUN_MS = 4_000;

function act(bench: ExecBench, action: SteppedAction, step: number, { timeoutMs = 400, signal = NEVER } = {}) {
  return bench.driver.act(action, contextAt(step), { timeoutMs, signal });
}

function isStopped(pid: number | null): boolean {
  return /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

describe('exec driver, a stopped runner', { concurrency: 4 }, () => {
  test('a hanging script is ended, the request answered, the runner replaced, and the step not repeated', async () => {
    await using bench = await openExecBench(HASTY);
    bench.actions.start = bench.script(STOP_AND_HANG);
    const stopped = bench.runner.pid();
    const result = await act(bench, 'start', 1, { timeoutMs: BEGUN_MS });
    assert.equal(result.kind, 'killed');
    assert.match(result.reason, /had to be killed/);
    assert.equal(isProcessAlive(Number(bench.read('hanging.pid'))), false);
    assert.equal(isProcessAlive(stopped ?? 0), false);
    const again = await act(bench, 'start', 1);
    assert.deepEqual([again.kind, again.repeated, bench.read('runs')], ['killed', true, 'ran\n']);
    bench.actions.stop = bench.script('true');
    assert.equal((await act(bench, 'stop', 2, { timeoutMs: 60_000 })).kind, 'done');
  });

  test('a runner stopped before anything was asked of it runs nothing late', async () => {
    await using bench = await openExecBench(HASTY);
    bench.actions.start = bench.script('touch late');
    process.kill(bench.runner.pid() ?? 0, 'SIGSTOP');
    assert.equal((await act(bench, 'start', 1)).kind, 'killed');
    assert.equal((await act(bench, 'start', 2, { timeoutMs: 60_000 })).kind, 'done');
    using guard = new Guard(bench.guardPath);
    assert.equal(guard.read(KEY)?.position.step, 2);
  });

  test('a caller that gives up is answered, long before the timeout', async () => {
    await using bench = await openExecBench(HASTY);
    bench.actions.start = bench.script(STOP_AND_HANG);
    const caller = new AbortController();
    const starting = act(bench, 'start', 1, { timeoutMs: 300_000, signal: caller.signal });
    await eventually(() => isStopped(bench.runner.pid()), 'the runner stops');
    caller.abort();
    assert.equal((await starting).kind, 'killed');
    assert.equal(isProcessAlive(Number(bench.read('hanging.pid'))), false);
  });

  test('adoption, which has no timeout of its own, is answered too', async () => {
    await using bench = await openExecBench(HASTY);
    process.kill(bench.runner.pid() ?? 0, 'SIGSTOP');
    assert.equal((await bench.driver.adopt(contextAt(1), { signal: NEVER })).kind, 'killed');
    assert.equal((await bench.driver.adopt(contextAt(2), { signal: NEVER })).kind, 'done');
  });

  test('closing ends the script as well', async () => {
    const bench = await openExecBench(HASTY);
    bench.actions.start = bench.script(STOP_AND_HANG);
    const starting = act(bench, 'start', 1, { timeoutMs: 300_000 });
    await eventually(() => isStopped(bench.runner.pid()), 'the runner stops');
    const pid = Number(bench.read('hanging.pid'));
    await bench.runner[Symbol.asyncDispose]();
    assert.equal(isProcessAlive(pid), false);
    assert.equal((await starting).kind, 'killed');
    assert.equal(bench.runner.pid() === null || !isProcessAlive(bench.runner.pid() ?? 0), true);
    await bench[Symbol.asyncDispose]();
  });

  test('another controller with the same step ends the script when its own timeout and kill time are over', async () => {
    await using one = await openExecBench(PATIENT);
    await using two = await openExecBench({ guardPath: one.guardPath });
    one.actions.start = one.script(STOP_AND_HANG);
    two.actions.start = one.actions.start;
    const starting = act(one, 'start', 1, { timeoutMs: BEGUN_MS });
    const stopped = one.runner.pid();
    await eventually(() => isStopped(stopped), 'the runner stops');
    const result = await act(two, 'start', 1, { timeoutMs: 60_000 });
    assert.deepEqual([result.kind, result.repeated], ['killed', true]);
    assert.match(result.reason, /outlived its timeout/);
    assert.equal(isStopped(stopped), true, 'its own controller did not do it');
    assert.equal(isProcessAlive(Number(one.read('hanging.pid'))), false);
    process.kill(stopped ?? 0, 'SIGCONT');
    assert.equal((await starting).kind, 'killed');
    assert.equal(one.read('runs'), 'ran\n');
    using guard = new Guard(one.guardPath);
    assert.deepEqual([guard.read(KEY)?.phase, guard.liveGroups(null).length], ['killed', 0]);
  });
});

describe('exec driver, fence with a stopped runner', { concurrency: 4 }, () => {
  test('an act that stops it is ended at the deadline of the level, and proves nothing', async () => {
    await using bench = await openExecBench(HASTY);
    const query = bench.script('touch asked; echo stopped');
    bench.actions.fence = [
      { act: bench.script(STOP_AND_HANG, BEGUN_MS), confirm: { query, offStates: ['stopped'], intervalMs: 50 } },
    ];
    assert.equal((await bench.driver.fence(contextAt(1), { level: 0, signal: NEVER })).kind, 'killed');
    assert.equal(isProcessAlive(Number(bench.read('hanging.pid'))), false);
    assert.equal((await bench.driver.fence(contextAt(1), { level: 0, signal: NEVER })).kind, 'off');
    assert.equal(bench.read('runs'), 'ran\n');
  });

  test('a level that is off stays off when that cannot be remembered', async () => {
    await using bench = await openExecBench(HASTY);
    const query = bench.script(`kill -STOP ${bench.runner.pid()}; echo stopped`);
    bench.actions.fence = [{ act: bench.script('true'), confirm: { query, offStates: ['stopped'], intervalMs: 50 } }];
    assert.equal((await bench.driver.fence(contextAt(1), { level: 0, signal: NEVER })).kind, 'off');
  });
});

describe('exec driver, queries that ignore SIGTERM', { concurrency: 4 }, () => {
  const STUBBORN = 'trap "" TERM; echo $$ > stubborn.pid; while :; do sleep 1; done';

  test('a confirm query is ended at its timeout', async () => {
    await using bench = await openExecBench();
    const query = bench.script(STUBBORN, BEGUN_MS);
    bench.actions.fence = [{ act: bench.script('true'), confirm: { query, offStates: ['stopped'], intervalMs: 50 } }];
    const result = await bench.driver.fenceStatus(contextAt(1), { level: 0, signal: NEVER });
    assert.equal(result.kind, 'error');
    await eventually(() => !isProcessAlive(Number(bench.read('stubborn.pid'))), 'the query is gone');
  });

  test('so is a status action, also when a child of it left the process group with the output', async () => {
    await using bench = await openExecBench();
    bench.actions.status = bench.script(`setsid sleep 60 & echo $! > left.pid; ${STUBBORN}`, BEGUN_MS);
    const began = bench.clock.monotonicMs();
    assert.equal((await bench.driver.status(contextAt(1), { signal: NEVER })).role, 'unknown');
    assert.ok(bench.clock.monotonicMs() - began < 40_000, 'not bound to the end of what left');
    process.kill(Number(bench.read('left.pid')), 'SIGKILL');
    await eventually(() => !isProcessAlive(Number(bench.read('stubborn.pid'))), 'the action is gone');
  });
});
