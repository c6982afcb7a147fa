// What a program printed is its answer, however late this process comes to read it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createSystemClock } from '../../../src/clock/system-clock.ts';
import { createRunCommand } from '../../../src/probe/run-command.ts';

/** Longer than output is waited for after an exit. */
const STALL_MS = 400;

test('a busy machine that hears of an exit before it reads the output loses no word of it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'oneup-run-'));
  using clock = createSystemClock();
  const stall = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALL_MS);
  const gate = join(directory, 'gate');
  // Its output and its end come in one turn of the loop, which asks for every child that has ended, last of all.
  const other = spawn('/bin/sh', ['-c', 'echo x'], { stdio: ['ignore', 'pipe', 'ignore'] });
  other.stdout.once('data', () => {
    writeFileSync(gate, '');
    stall();
  });
  const argv = ['/bin/sh', '-c', `while [ ! -e ${gate} ]; do sleep 0.01; done; echo stopped`];
  const env = { PATH: process.env.PATH ?? '' };
  const running = createRunCommand({ clock })({ argv, env, cwd: directory }, { signal: AbortSignal.timeout(30_000) });
  // Ends are told in the order of the starts: this one holds the loop up after the end of the program, and before its output.
  spawn('/bin/true', { stdio: 'ignore' }).once('exit', stall);
  // Both have begun, and the other one has ended before anything of it is read.
  stall();
  const { kind, exitCode, stdout } = await running;
  rmSync(directory, { recursive: true });
  assert.deepEqual([kind, exitCode, stdout], ['exited', 0, 'stopped\n']);
});
