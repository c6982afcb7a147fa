// A store that was restored on a machine without marks: what the guards on nodes and the hooks remember is asked, by the real
// program of a real hook and a real sshd, and whoever does not answer is named (S4).
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { configText } from '../support/config-text.ts';
import type { DriverBench } from '../support/driver-bench.ts';
import { contextAt, NEVER } from '../support/exec-bench.ts';
import { HOOK_SECRET, openHttpBench } from '../support/http-bench.ts';
import { openSshWorld } from '../support/ssh-bench.ts';
import { runOneup } from './support/run-oneup.ts';
import { findSshd } from './support/ssh-server.ts';

const GENERATION = 9;
const EPOCH = 40;
/** No prober runs, and none has left a mark. */
const NO_PROBER = ['p1', 'p2', 'p3'] as const;

/** A step of an earlier generation, which the guard of web/a remembers from then on. */
async function remember(bench: DriverBench): Promise<void> {
  bench.actions.start = bench.script('true');
  const context = contextAt(3, { cluster: 'test', generation: GENERATION, epoch: EPOCH });
  assert.equal((await bench.driver.act('start', context, { timeoutMs: 20_000, signal: NEVER })).kind, 'done');
}

async function recovers(bench: DriverBench, start: string): Promise<void> {
  const oneNode = ['      - { id: b, address: 192.0.2.22, zone: z2 }\n', ''] as const;
  const text = configText(oneNode, ['start: { exec: [/opt/start, "{node.id}"] }', `start: ${start}`]);
  writeFileSync(bench.path('oneup.yaml'), text);
  const oneup = (...argv: readonly string[]) => runOneup({ directory: bench.directory, env: {} }, argv);
  const initialised = await oneup('init', '--json');
  assert.equal(initialised.code, 0, initialised.stderr);
  assert.equal(JSON.parse(initialised.stdout).generation.number, 1);
  await remember(bench);
  const probers = await oneup('recover');
  assert.equal(probers.code, 7, probers.stderr);
  assert.match(probers.stderr, /p1, p2, p3 left no marks/);
  assert.doesNotMatch(probers.stderr, /web\/a/, 'its guard was heard');
  const done = await oneup('recover', '--json', '--without', ...NO_PROBER);
  assert.equal(done.code, 0, done.stderr);
  const { generation, epochs } = JSON.parse(done.stdout);
  assert.deepEqual([generation.number, epochs.web], [GENERATION + 1, EPOCH]);
  // A store that is new, elsewhere, begins above it too.
  rmSync(bench.path('var'), { recursive: true });
  const anew = await oneup('init', '--json');
  assert.equal(JSON.parse(anew.stdout).generation.number, GENERATION + 1, anew.stderr);
}

async function isNamed(bench: DriverBench): Promise<void> {
  const oneup = (...argv: readonly string[]) => runOneup({ directory: bench.directory, env: {} }, argv);
  const silent = await oneup('recover', '--without', ...NO_PROBER);
  assert.equal(silent.code, 7, silent.stderr);
  assert.match(silent.stderr, /S4\.not-asked: cannot recover: web\/a: Cannot ask/);
  assert.match(silent.stderr, /Remedy: .*--without p1 p2 p3 web\/a/);
  const wrong = await oneup('recover', '--without', 'web/z');
  assert.equal(wrong.code, 1, wrong.stderr);
  const done = await oneup('recover', '--json', '--without', ...NO_PROBER, 'web/a');
  assert.equal(done.code, 0, done.stderr);
  assert.equal(JSON.parse(done.stdout).generation.number, GENERATION + 2);
}

describe('recover', () => {
  test('asks the hook, and names the node when it is gone', async () => {
    await using bench = await openHttpBench();
    await recovers(bench, `{ http: { url: "${bench.hook.url()}", secret: ${HOOK_SECRET} }, timeout: 10s }`);
    process.kill(bench.hook.pid(), 'SIGKILL');
    await isNamed(bench);
  });

  if (findSshd() === null) test('asks the guard over ssh', (t) => t.skip('needs sshd'));
  else
    test('asks the guard over ssh, and names the node when it is gone', async () => {
      await using world = await openSshWorld();
      assert.ok(world !== null);
      await using bench = await world.open();
      const { host, port, user, identity, knownHosts } = world.target;
      const stateDir = join(bench.directory, 'state');
      const target = JSON.stringify({ host, port, user, identity, knownHosts, stateDir, command: ['true'] });
      await recovers(bench, `{ ssh: ${target}, timeout: 10s }`);
      await world.server[Symbol.asyncDispose]();
      await isNamed(bench);
    });
});
