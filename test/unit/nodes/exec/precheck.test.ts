// The precheck is a question to a standby (S32): its exit code is the answer, its output the reason, and it leaves no trace.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Guard } from '../../../../src/nodes/exec/guard.ts';
import {
  contextAt,
  type ExecBench,
  eventually,
  isProcessAlive,
  NEVER,
  openExecBench,
} from '../../../support/exec-bench.ts';

describe('exec driver, precheck', () => {
  let bench: ExecBench;
  before(async () => {
    bench = await openExecBench();
  });
  after(() => bench[Symbol.asyncDispose]());

  function precheck(text: string, { timeoutMs = 20_000, signal = NEVER } = {}) {
    bench.actions.precheck = bench.script(text);
    return bench.driver.precheck(contextAt(1), { timeoutMs, signal });
  }

  const cases = [
    ['exit 0 with output', 'echo checking; echo "disk has room"', 'done', 'disk has room'],
    ['exit 0 without output', 'true', 'done', 'exit code 0'],
    ['exit 0 with output on stderr only', 'echo warning >&2', 'done', 'exit code 0'],
    ['another exit code', 'echo ready; exit 3', 'failed', 'Cannot query precheck: Ended with exit code 3: ready'],
    ['a signal', 'kill -KILL $$', 'failed', 'Cannot query precheck: Ended by signal SIGKILL'],
  ] as const;
  for (const [name, text, kind, reason] of cases) {
    test(`${name} is ${kind}`, async () => {
      const result = await precheck(text);
      assert.deepEqual([result.kind, result.reason, result.repeated], [kind, reason, false]);
    });
  }

  test('the output is evidence, and the script knows what it is asked for', async () => {
    const result = await precheck('echo "$ONEUP_ACTION $ONEUP_NODE"; echo full >&2; exit 1');
    assert.equal(result.evidence.exitCode, 1);
    assert.deepEqual(result.evidence.output.trim().split('\n').sort(), ['full', 'precheck a']);
  });

  test('the timeout asked for ends it, not the configured one, even when it ignores SIGTERM', async () => {
    const text = 'trap "" TERM; echo $$ > precheck.pid; echo ready; while :; do sleep 1; done';
    let [timeoutMs, result] = [300, await precheck(text, { timeoutMs: 300 })];
    // A busy machine takes its time to start a script.
    while ((!bench.exists('precheck.pid') || bench.read('precheck.pid') === '') && timeoutMs < 20_000) {
      timeoutMs *= 3;
      result = await precheck(text, { timeoutMs });
    }
    assert.equal(result.kind, 'failed');
    assert.match(result.reason, /^Cannot query precheck: Killed at its deadline/);
    await eventually(() => !isProcessAlive(Number(bench.read('precheck.pid'))), 'the script is gone');
  });

  test('a caller that gives up gets failed', async () => {
    assert.equal((await precheck('sleep 60', { signal: AbortSignal.abort() })).kind, 'failed');
  });

  test('a program that is missing and a precheck that is not configured are failed, with a remedy', async () => {
    const command = { argv: [bench.path('absent')], env: [], cwd: null };
    bench.actions.precheck = { driver: 'exec', timeoutMs: 30_000, command };
    const ask = () => bench.driver.precheck(contextAt(1), { timeoutMs: 30_000, signal: NEVER });
    const absent = await ask();
    assert.equal(absent.kind, 'failed');
    assert.match(absent.reason, /absent: there is no such program.*; install it or correct the path/);
    bench.actions.precheck = null;
    const missing = await ask();
    assert.equal(missing.kind, 'failed');
    assert.match(missing.reason, /no such action is configured; add actions.precheck/);
  });

  test('it takes no step and leaves nothing in the guard', () => {
    using guard = new Guard(bench.guardPath);
    assert.equal(guard.read({ cluster: 'prod', service: 'web', node: 'a' }), null);
  });
});
