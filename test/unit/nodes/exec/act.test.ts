// Actions as people write them, good and bad: every script here is a real process under a real runner.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { Secret } from '../../../../src/base/secret.ts';
import {
  contextAt,
  type ExecBench,
  eventually,
  isProcessAlive,
  NEVER,
  openExecBench,
  SECRET,
} from '../../../support/exec-bench.ts';

describe('exec driver, act', () => {
  let bench: ExecBench;
  let step = 0;
  before(async () => {
    bench = await openExecBench();
  });
  after(() => bench[Symbol.asyncDispose]());

  function start(text: string, { timeoutMs = 30_000, signal = NEVER } = {}) {
    bench.actions.start = bench.script(text, timeoutMs);
    step += 1;
    return bench.driver.act('start', contextAt(step), { timeoutMs, signal });
  }

  /** Until it has written `began` before it was killed: a busy machine takes its time to start a script. */
  async function startLong(text: string, began: string) {
    for (let timeoutMs = 600; ; timeoutMs *= 3) {
      const result = await start(text, { timeoutMs });
      if (bench.exists(began) && bench.read(began) !== '') return result;
      assert.ok(timeoutMs < 20_000, `the script does not begin: ${result.reason}`);
    }
  }

  test('exit code 0 is done, with the output as evidence', async () => {
    const result = await start('echo one; echo two >&2; echo three');
    assert.equal(result.kind, 'done');
    assert.equal(result.evidence.output, 'one\ntwo\nthree\n');
    assert.equal(result.evidence.exitCode, 0);
    assert.equal(result.repeated, false);
  });

  test('any other exit code is failed', async () => {
    const result = await start('echo no database; exit 3');
    assert.equal(result.kind, 'failed');
    assert.equal(result.reason, 'start ended with exit code 3');
    assert.equal(result.evidence.output, 'no database\n');
  });

  test('a script ended by a signal of its own is failed', async () => {
    const result = await start('kill -SEGV $$');
    assert.equal(result.kind, 'failed');
    assert.match(result.reason, /ended by signal SIGSEGV/);
  });

  test('the script knows the operation, and nothing of our environment but PATH, HOME and LANG', async () => {
    process.env.ONEUP_TEST_LEAK = 'leaked';
    await start('env | sort > env.txt');
    delete process.env.ONEUP_TEST_LEAK;
    const names = bench.read('env.txt').trim().split('\n');
    assert.ok(
      names.includes('ONEUP_CLUSTER=prod') && names.includes('ONEUP_SERVICE=web') && names.includes('ONEUP_NODE=a'),
    );
    assert.ok(
      names.includes(`ONEUP_STEP=${step}`) && names.includes('ONEUP_EPOCH=1') && names.includes('ONEUP_GENERATION=1'),
    );
    assert.ok(names.includes('ONEUP_OP_ID=op-1') && names.includes('ONEUP_FROM=b') && names.includes('ONEUP_TO='));
    assert.ok(names.includes('ONEUP_ACTION=start'));
    const rest = names.map((line) => line.split('=')[0] ?? '').filter((name) => !name.startsWith('ONEUP_'));
    assert.deepEqual(
      rest.filter((name) => !['PATH', 'HOME', 'LANG', 'PWD', 'OLDPWD'].includes(name)),
      [],
    );
    assert.ok(!names.some((line) => line.includes('leaked')));
  });

  test('the input is closed', async () => {
    const result = await start('read line && echo got it; echo end');
    assert.equal(result.evidence.output, 'end\n');
  });

  test('argv is not read by a shell', async () => {
    step += 1;
    const argv = ['/bin/echo', '$HOME', '; touch injected', '*'];
    bench.actions.start = { driver: 'exec', timeoutMs: 30_000, command: { argv, env: [], cwd: bench.directory } };
    const result = await bench.driver.act('start', contextAt(step), { timeoutMs: 30_000, signal: NEVER });
    assert.equal(result.evidence.output, '$HOME ; touch injected *\n');
    assert.equal(bench.exists('injected'), false);
  });

  test('secrets are in the environment and not in the evidence', async () => {
    step += 1;
    const { command } = bench.script(`echo "$TOKEN ${SECRET}"`);
    const env = [['TOKEN', new Secret('hunter2-hunter2')]] as const;
    bench.actions.start = { driver: 'exec', timeoutMs: 30_000, command: { ...command, env } };
    const result = await bench.driver.act('start', contextAt(step), { timeoutMs: 30_000, signal: NEVER });
    assert.equal(result.evidence.output, '*** ***\n');
  });

  test('a hanging script is killed at its timeout with everything it started', async () => {
    const result = await startLong('sleep 600 & echo $! > hanging.pid; sleep 600', 'hanging.pid');
    assert.equal(result.kind, 'timeout');
    assert.equal(isProcessAlive(Number(bench.read('hanging.pid'))), false);
  });

  test('SIGTERM comes before SIGKILL, and inside the timeout', async () => {
    const result = await startLong(
      'trap "echo cleaned up; exit 0" TERM; echo up > obedient; sleep 60 & wait',
      'obedient',
    );
    assert.equal(result.kind, 'timeout');
    assert.match(result.evidence.output, /cleaned up/);
  });

  test('a script that ignores SIGTERM is killed all the same', async () => {
    const result = await startLong('trap "" TERM; echo $$ > stubborn.pid; while :; do sleep 1; done', 'stubborn.pid');
    assert.equal(result.kind, 'timeout');
    assert.equal(result.evidence.signal, 'SIGKILL');
    assert.equal(isProcessAlive(Number(bench.read('stubborn.pid'))), false);
  });

  test('a child that ignores SIGTERM does not outlive its obedient parent', async () => {
    const result = await startLong('(trap "" TERM; echo up > up; exec sleep 60) & echo $! > child.pid; wait', 'up');
    assert.equal(result.kind, 'timeout');
    assert.equal(isProcessAlive(Number(bench.read('child.pid'))), false);
  });

  test('a script that leaves a daemon behind is done at once, and the daemon lives', async () => {
    const result = await start('sleep 600 & echo $! > daemon.pid; echo started');
    const pid = Number(bench.read('daemon.pid'));
    assert.equal(result.kind, 'done');
    assert.equal(result.evidence.output, 'started\n');
    assert.equal(isProcessAlive(pid), true);
    process.kill(pid, 'SIGKILL');
  });

  test('a gigabyte of output costs no memory, and its end is kept', async () => {
    const memory = () => Number(/VmHWM:\s+(\d+)/.exec(readStatus(bench.runner.pid()))?.[1]);
    const beforeKib = memory();
    const result = await start('head -c 1000000000 /dev/zero; echo the end', { timeoutMs: 120_000 });
    assert.equal(result.kind, 'done');
    assert.equal(result.evidence.output.length, 4_096);
    assert.ok(result.evidence.output.endsWith('the end\n'));
    assert.ok(memory() - beforeKib < 100_000, `${memory() - beforeKib} KiB`);
  });

  test('a missing program, one that is not executable, and a missing directory are named with a remedy', async () => {
    writeFileSync(bench.path('plain'), 'no');
    const cases = [
      [[bench.path('absent')], null, /there is no file .*absent; install it or correct the path/],
      [['no-such-program-anywhere'], null, /no folder of PATH holds no-such-program-anywhere/],
      [[bench.path('plain')], null, /plain is not executable; run chmod \+x/],
      [['true'], bench.path('nowhere'), /the working directory .*nowhere does not exist/],
    ] as const;
    for (const [argv, cwd, reason] of cases) {
      step += 1;
      bench.actions.start = { driver: 'exec', timeoutMs: 30_000, command: { argv, env: [], cwd } };
      const result = await bench.driver.act('start', contextAt(step), { timeoutMs: 30_000, signal: NEVER });
      assert.equal(result.kind, 'failed');
      assert.match(result.reason, reason);
    }
  });

  test('an action that is not configured is failed, never done', async () => {
    step += 1;
    const result = await bench.driver.act('stop', contextAt(step), { timeoutMs: 30_000, signal: NEVER });
    assert.equal(result.kind, 'failed');
    assert.match(result.reason, /add actions.stop/);
  });

  test('a caller that gives up gets killed, and so does the script', async () => {
    const caller = new AbortController();
    const running = start('echo $$ > given-up.pid; exec sleep 60', { signal: caller.signal });
    await eventually(() => bench.exists('given-up.pid') && bench.read('given-up.pid') !== '', 'the script runs');
    caller.abort();
    const result = await running;
    assert.equal(result.kind, 'killed');
    assert.match(result.reason, /the caller gave up/);
    assert.equal(isProcessAlive(Number(bench.read('given-up.pid'))), false);
  });
});

function readStatus(pid: number | null): string {
  return process.getBuiltinModule('node:fs').readFileSync(`/proc/${pid}/status`, 'utf8');
}
