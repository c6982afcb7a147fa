// Check scripts as people write them, good and bad; each is a real process.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Secret } from '../../../src/base/secret.ts';
import { createSystemClock } from '../../../src/clock/system-clock.ts';
import { runCheck } from '../../../src/probe/run-check.ts';
import { eventually, isProcessAlive } from '../../support/exec-bench.ts';

const clock = createSystemClock();
/** A busy machine takes its time. */
const PATIENT_MS = 20_000;
const folder = mkdtempSync(join(tmpdir(), 'oneup-check-'));
after(() => rmSync(folder, { recursive: true }));

function run(argv: readonly string[], timeoutMs = PATIENT_MS, cwd: string | null = null) {
  const env = [['TOKEN', new Secret('hunter2-hunter2')]] as const;
  const options = {
    clock,
    parentEnv: { PATH: '/usr/bin:/bin', HOME: folder, SECRET: 'x' },
    signal: AbortSignal.timeout(timeoutMs),
  };
  return runCheck({ kind: 'exec', command: { argv, env, cwd } }, options);
}

function shell(text: string, timeoutMs?: number) {
  return run(['/bin/sh', '-c', `cd ${folder}; ${text}`], timeoutMs);
}

function reasonOf(result: object): string {
  return 'reason' in result ? String(result.reason) : '';
}

describe('execCheck', () => {
  test('exit code 0 passes, any other fails with the last line said', async () => {
    const pass = await shell('echo fine');
    assert.deepEqual([pass.result.kind, pass.lingering], ['pass', null]);
    const fail = await shell('echo first; echo replication is broken >&2; exit 2');
    assert.ok(fail.result.kind === 'fail');
    assert.equal(fail.result.reason, 'Ended with exit code 2: replication is broken');
    assert.deepEqual([fail.result.phase, fail.result.reach], ['run', 'unknown']);
  });

  test('the environment is PATH, HOME, LANG and what the check was given', async () => {
    const { result } = await shell('[ "$TOKEN" = hunter2-hunter2 ] && [ -z "$SECRET" ] && [ -n "$HOME" ]');
    assert.equal(result.kind, 'pass');
  });

  test('the input is closed', async () => {
    assert.equal((await shell('read line || exit 0; exit 1')).result.kind, 'pass');
  });

  test('a hanging script is an error at the deadline, and its whole group is killed (S23)', async () => {
    const timeoutMs = 3_000;
    const began = clock.monotonicMs();
    const { result, lingering } = await shell(
      'trap "" TERM; sleep 60 & echo $$ $! > pids; while :; do sleep 1; done',
      timeoutMs,
    );
    assert.equal(result.kind, 'error');
    assert.match(reasonOf(result), /gave no answer before the deadline/);
    assert.ok(clock.monotonicMs() - began < timeoutMs + PATIENT_MS, 'long before its child would end');
    await lingering;
    const pids = readFileSync(join(folder, 'pids'), 'utf8').trim().split(' ').map(Number);
    assert.equal(pids.length, 2);
    await eventually(() => !pids.some(isProcessAlive), 'the group is gone');
  });

  test('the result does not wait for a process that does not end, and lingering does', async () => {
    const { lingering } = await shell('exec sleep 60', 100);
    assert.ok(lingering !== null, 'the kill was sent, the process is not yet reaped');
    await lingering;
  });

  test('a script that forks and returns early has its answer at once and leaves nothing behind', async () => {
    const began = clock.monotonicMs();
    const { result } = await shell('sleep 60 & echo $! > child; exit 0');
    assert.equal(result.kind, 'pass');
    assert.ok(clock.monotonicMs() - began < PATIENT_MS, 'long before its child would end');
    const pid = Number(readFileSync(join(folder, 'child'), 'utf8'));
    await eventually(() => !isProcessAlive(pid), 'the child is gone');
  });

  test('a gigabyte of output costs no memory', async () => {
    const before = process.memoryUsage().rss;
    const { result } = await run(['/bin/sh', '-c', 'head -c 1000000000 /dev/zero; echo; echo end; exit 1'], 120_000);
    assert.equal(reasonOf(result), 'Ended with exit code 1: end');
    assert.ok(process.memoryUsage().rss - before < 150_000_000);
  });

  test('a script that cannot be run is an error with its remedy', async () => {
    const plain = join(folder, 'plain');
    writeFileSync(plain, 'echo');
    chmodSync(plain, 0o644);
    const cases = [
      [[join(folder, 'absent')], null, /there is no such program.*correct the path/],
      [[plain], null, /not executable; run chmod \+x/],
      [['true'], join(folder, 'nowhere'), /the working directory .* does not exist/],
    ] as const;
    for (const [argv, cwd, reason] of cases) {
      const { result } = await run(argv, PATIENT_MS, cwd);
      assert.equal(result.kind, 'error');
      assert.match(reasonOf(result), reason);
    }
  });
});
