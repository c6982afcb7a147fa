// The script of config/examples/postgresql killed where it hurts most, as a controller that loses its right to act does it: the
// next run must neither bring up a second primary nor take for stopped what is about to come up.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { runProgram, unprivileged } from '../support/servers/database-process.ts';
import { pickNetwork } from './support/cluster-files.ts';
import { findServerProgram, PostgresPair } from './support/postgres-pair.ts';
import { waitUntil } from './support/wait-until.ts';
import { describeReign, overlapsOf, watchPrimaries } from './support/watch-primaries.ts';

test('the script for PostgreSQL may be killed', async (t) => {
  await using pair = new PostgresPair();
  pair.at(pickNetwork());
  await pair.begin();
  const primaries = watchPrimaries(pair);
  await pair.kill('a');
  pair.act('a', 'fence');
  pair.act('b', 'start');
  await t.test('after a rewind: the node is a standby or nothing, and never a second primary', () => afterRewind(pair));
  await t.test('in the middle of a rewind: only a new copy will do', () => withinRewind(pair));
  await t.test('while a server begins: it counts as running, and a fence ends it', () => beginning(pair));
  const reigns = await primaries.stop();
  assert.deepEqual(overlapsOf(reigns), [], `two primaries at once: ${reigns.map(describeReign).join(', ')}`);
});

async function afterRewind(pair: PostgresPair): Promise<void> {
  rewindAndDie(pair, '"$program" "$@"');
  assert.equal(pair.act('a', 'status'), 'stopped');
  pair.act('a', 'resync');
  await follows(pair, 'after the rewind');
}

async function withinRewind(pair: PostgresPair): Promise<void> {
  rewindAndDie(pair, '');
  assert.throws(() => pair.act('a', 'start'), /A rewind did not end here/);
  assert.throws(() => pair.act('a', 'resync'), /A rewind was interrupted here: take a new copy/);
  pair.copy({ from: 'b', to: 'a' });
  pair.act('a', 'follow');
  await follows(pair, 'after the copy');
}

/** The shell of pg_ctl cannot open the log, which is a pipe that nobody reads, and so does not become the server. */
async function beginning(pair: PostgresPair): Promise<void> {
  pair.act('a', 'fence');
  assert.equal(pair.act('a', 'status'), 'stopped');
  const log = join(pair.directory, 'pipe');
  runProgram('mkfifo', [log]);
  const [script, settings] = pair.variant('a', { LOG: log });
  const starting = spawn(script, [settings, 'start'], { ...unprivileged(), detached: true, stdio: 'ignore' });
  const ended = once(starting, 'exit');
  await waitUntil('the shell that becomes the server', () => hasShellOf(join(pair.directory, 'data-a')));
  process.kill(-(starting.pid ?? Number.NaN), 'SIGKILL');
  await ended;
  assert.notEqual(statusOf(pair), 'stopped');
  assert.equal(pair.act('a', 'fence-confirm'), 'on');
  pair.act('a', 'fence');
  assert.equal(pair.act('a', 'fence-confirm'), 'off');
  assert.equal(pair.act('a', 'status'), 'stopped');
}

/** Resync with another pg_rewind: it does `work`, and then the script is killed that has called it. */
function rewindAndDie(pair: PostgresPair, work: string): void {
  const folder = join(pair.directory, `programs-${work === '' ? 'idle' : 'true'}`);
  const rewind = findServerProgram('pg_rewind');
  mkdirSync(folder, { mode: 0o755 });
  for (const name of readdirSync(dirname(rewind))) {
    if (name !== basename(rewind)) symlinkSync(join(dirname(rewind), name), join(folder, name));
  }
  writeFileSync(join(folder, 'pg_rewind'), `#!/bin/sh\nprogram=${rewind}\n${work}\nkill -9 $PPID\n`);
  chmodSync(join(folder, 'pg_rewind'), 0o755);
  const [script, settings] = pair.variant('a', { BIN: folder });
  assert.throws(() => runProgram(script, [settings, 'resync']), 'it must be killed');
}

/** pg_ctl starts the server through a shell, in a session of its own. */
function hasShellOf(data: string): boolean {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.some((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return command.startsWith('/bin/sh\0') && command.includes(`-D "${data}"`);
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
}

/** One that does not answer is told by an error. */
function statusOf(pair: PostgresPair): string {
  try {
    return pair.act('a', 'status');
  } catch (error) {
    return String(error);
  }
}

async function follows(pair: PostgresPair, entry: string): Promise<void> {
  assert.equal(pair.act('a', 'status'), 'standby');
  await pair.run('b', `insert into entries values ('${entry}')`);
  await waitUntil('the replication', async () => (await pair.entries('a')).includes(entry));
}
