// What can go wrong on the way to a node and on it, against a real sshd: every time a result with its reason, and nothing done
// that should not be done (S12, S13, S33).
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Secret } from '../../src/base/secret.ts';
import type { SshActionConfig, SshTarget } from '../../src/config/action-config.ts';
import { openBlackHole } from '../support/black-hole.ts';
import type { DriverBench } from '../support/driver-bench.ts';
import { contextAt, eventually, isProcessAlive, NEVER } from '../support/exec-bench.ts';
import { openSshWorld, type SshWorld } from '../support/ssh-bench.ts';
import { openTcpCutter } from '../support/tcp-cutter.ts';
import { findSshd } from './support/ssh-server.ts';

if (findSshd() === null) test('ssh driver, faults', (t) => t.skip('needs sshd'));
else {
  const world = await openSshWorld();
  assert.ok(world !== null);
  after(() => world[Symbol.asyncDispose]());
  describe('ssh driver, on the way', () => testWay(world));
  describe('ssh driver, on the node', () => testNode(world));
  describe('ssh driver, in between', () => testCuts(world));
}

function start(bench: DriverBench, step: number, timeoutMs = 30_000, signal = NEVER) {
  return bench.driver.act('start', contextAt(step), { timeoutMs, signal });
}

async function refusedAs(bench: DriverBench, reason: RegExp): Promise<void> {
  bench.actions.start = bench.script('echo x >> ran');
  const result = await start(bench, 1);
  assert.equal(result.kind, 'failed', result.reason);
  assert.match(result.reason, reason);
  assert.equal(bench.exists('ran'), false, 'nothing was started');
  const status = await bench.driver.status(contextAt(1), { signal: NEVER });
  assert.deepEqual([status.role, status.running], ['unknown', null]);
  assert.match(status.reason, reason);
}

/** A program in the place of ssh. */
function client(world: SshWorld, name: string, text: string): string {
  const file = join(world.folder, name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}

function testWay(world: SshWorld): void {
  test('an unknown host key is refused, and so is another one than the known', async () => {
    const knownHosts = join(world.folder, 'strangers');
    writeFileSync(knownHosts, '');
    await using unknown = await world.open({ knownHosts });
    await refusedAs(unknown, /Host key verification failed/);
    const [name] = readFileSync(world.target.knownHosts ?? '', 'utf8').split(' ');
    const other = readFileSync(`${world.target.identity}.pub`, 'utf8');
    writeFileSync(knownHosts, `${name} ${other}`);
    await using changed = await world.open({ knownHosts });
    await refusedAs(changed, /Host key verification failed/);
  });

  test('a user without the key is refused', async () => {
    await using bench = await world.open({ identity: join(world.folder, 'no such key') });
    await refusedAs(bench, /Permission denied/);
  });

  test('a host that is silent costs seconds, not the timeout of the action, and no ssh is left', async () => {
    await using hole = await openBlackHole();
    const pidFile = join(world.folder, 'silent.pid');
    const program = client(world, 'silent', `echo $$ > '${pidFile}'\nexec ssh "$@"`);
    await using bench = await world.open({ port: hole.port }, { program });
    bench.actions.start = bench.script('echo x >> ran');
    const result = await start(bench, 1, 600_000);
    assert.equal(result.kind, 'failed', result.reason);
    assert.match(result.reason, /timed out|no answer came in time/);
    await eventually(() => !isProcessAlive(Number(readFileSync(pidFile, 'utf8'))), 'ssh is gone');
  });

  test('a client that says nothing and never ends is killed with its group', async () => {
    const pidFile = join(world.folder, 'dumb.pid');
    const program = client(world, 'dumb', `sleep 600 & echo $! > '${pidFile}'\nwait`);
    await using bench = await world.open({}, { program });
    bench.actions.start = bench.script('echo x >> ran');
    const caller = new AbortController();
    const asked = start(bench, 1, 10_000, caller.signal);
    await eventually(() => isProcessAlive(numberIn(pidFile)), 'the client runs');
    caller.abort();
    assert.equal((await asked).kind, 'killed');
    await eventually(() => !isProcessAlive(numberIn(pidFile)), 'its child is gone');
  });

  test('a peer that talks without end, and one that talks nonsense, are hung up on', async () => {
    await using flood = await world.open({}, { program: client(world, 'flood', 'exec cat /dev/zero') });
    await refusedAs(flood, /more than 64 KiB/);
    const nonsense = 'cat > /dev/null & echo "oneup1 hello x"; echo "oneup1 result first maybe 0 0"';
    await using wrong = await world.open({}, { program: client(world, 'nonsense', nonsense) });
    await refusedAs(wrong, /without an answer/);
    await using missing = await world.open({}, { program: join(world.folder, 'no-such-ssh') });
    await refusedAs(missing, /ssh cannot be run/);
  });

  test('a jump host is gone through with the same key and known hosts', async () => {
    const { host, port, user } = world.target;
    await using bench = await world.open({ jump: { host, port, user } });
    bench.actions.start = bench.script('echo through');
    const result = await start(bench, 1);
    assert.equal(result.kind, 'done', result.reason);
    const knownHosts = join(world.folder, 'nobody');
    writeFileSync(knownHosts, '');
    await using stranger = await world.open({ jump: { host, port, user }, knownHosts });
    await refusedAs(stranger, /Host key verification failed|closed/);
  });
}

function numberIn(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8')) || -1;
  } catch {
    return -1;
  }
}

/** The shell behind ssh, with a `sudo` in front of all others. */
function sudoWorld(world: SshWorld, sudo: string): string {
  const bin = join(world.folder, `bin-${sudo.length}`);
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'sudo'), `#!/bin/sh\n${sudo}\n`);
  chmodSync(join(bin, 'sudo'), 0o755);
  return client(world, `with-${sudo.length}`, `for last; do :; done; PATH='${bin}':$PATH exec sh -c "$last"`);
}

function testNode(world: SshWorld): void {
  test('words reach the program as they were written', async () => {
    await using bench = await world.open();
    const words = ['two words', `quote ' and "`, 'line\nbreak', '$HOME `id` \\', 'ünï ☃', '', '-n', '*'];
    const script = bench.script('for word; do printf "%s|" "$word"; done > words') as SshActionConfig;
    bench.actions.start = { ...script, command: { ...script.command, argv: [...script.command.argv, ...words] } };
    const result = await start(bench, 1);
    assert.equal(result.kind, 'done', result.reason);
    assert.equal(bench.read('words'), `${words.join('|')}|`);
  });

  test('variables of an action may have any name, also those of the guard, and are no argument of anybody', async () => {
    const argvFile = join(world.folder, 'argv');
    const program = client(world, 'noting', `printf '%s\\n' "$@" >> '${argvFile}'\nexec ssh "$@"`);
    await using bench = await world.open({}, { program });
    const names = ['home', 'claim', 'boot', 'now', 'leader', 'setsid', 'nonce', 'PATH', 'IFS', 'pid', 'line', 'start'];
    const env = names.map(
      (name) => [name, new Secret(name === 'PATH' ? '/usr/bin:/bin' : `value-of-${name}`)] as const,
    );
    const script = bench.script('env > variables; echo "$home"') as SshActionConfig;
    bench.actions.start = { ...script, command: { ...script.command, env } };
    bench.actions.precheck = { ...script, command: { ...script.command, env } };
    const result = await start(bench, 1);
    assert.equal(result.kind, 'done', result.reason);
    assert.match(result.evidence.output, /^\*\*\*$/m, 'evidence holds no secret');
    const seen = bench.read('variables');
    for (const name of names.filter((known) => known !== 'IFS' && known !== 'PATH')) {
      assert.match(seen, new RegExp(`^${name}=value-of-${name}$`, 'm'));
    }
    const asked = await bench.driver.precheck(contextAt(1), { timeoutMs: 30_000, signal: NEVER });
    assert.equal(asked.kind, 'done', asked.reason);
    assert.ok(!readFileSync(argvFile, 'utf8').includes('value-of-'));
  });

  test('sudo that asks for a password is a refusal with its own words; one that does not runs the guard', async () => {
    const refusal = sudoWorld(world, 'echo "sudo: a password is required" >&2; exit 1');
    await using refused = await world.open({ sudo: true }, { program: refusal });
    await refusedAs(refused, /sudo: a password is required/);
    const passing = sudoWorld(world, '[ "$1 $2" = "-n --" ] || exit 9; shift 2; VIA=sudo exec "$@"');
    await using bench = await world.open({ sudo: true }, { program: passing });
    bench.actions.start = bench.script('echo "via $VIA"');
    assert.match((await start(bench, 1)).evidence.output, /via sudo/);
  });

  test('1 GB of output leaves the last lines and fills no disk', async () => {
    await using bench = await world.open();
    bench.actions.start = bench.script(
      'head -c 1000000000 /dev/zero | tr "\\0" x; echo; du -sk state; echo END',
      120_000,
    );
    const { kind, reason, evidence } = await start(bench, 1, 120_000);
    assert.equal(kind, 'done', reason);
    const [, kilobytes] = /(\d+)\tstate\nEND\n$/.exec(evidence.output) ?? [];
    assert.ok(Number(kilobytes) < 10_000, `the state has ${kilobytes} KiB`);
  });

  test('a state that is damaged or cannot be written starts nothing', async () => {
    await using bench = await world.open();
    bench.actions.start = bench.script('echo x >> ran');
    await start(bench, 1);
    const state = bench.path('state/prod/web/a/state');
    const whole = readFileSync(state, 'utf8');
    for (const text of [whole.slice(0, -20), whole.replace(/^pos 1/m, 'pos x'), '', 'rubbish\n'.repeat(9)]) {
      writeFileSync(state, text);
      const result = await start(bench, 2);
      assert.equal(result.kind, 'failed', result.reason);
      assert.match(result.reason, /damaged/);
      assert.match((await bench.driver.status(contextAt(1), { signal: NEVER })).reason, /damaged/);
    }
    assert.equal(bench.read('ran'), 'x\n');
    await using other = await world.open({ stateDir: '/proc/nowhere' });
    other.actions.start = other.script('echo x >> ran');
    const refused = await start(other, 1);
    assert.equal(refused.kind, 'failed');
    assert.match(refused.reason, /state directory .* cannot be written; create/);
    assert.equal(other.exists('ran'), false);
  });

  test('what was true before another boot says nothing, and its step stays done (S13)', async () => {
    await using bench = await world.open();
    bench.actions.start = bench.script('echo x >> ran');
    await start(bench, 3);
    const state = bench.path('state/prod/web/a/state');
    writeFileSync(state, readFileSync(state, 'utf8').replace(/^(owner .*) \S+$/m, '$1 another-boot'));
    const status = await bench.driver.status(contextAt(1), { signal: NEVER });
    assert.deepEqual([status.role, status.step], ['unknown', 3]);
    assert.match(status.reason, /booted since/);
    assert.equal((await start(bench, 2)).kind, 'refused');
    assert.equal((await start(bench, 3)).repeated, true);
    writeFileSync(state, readFileSync(state, 'utf8').replace(/^phase .*$/m, 'phase starting 0 0'));
    const again = await start(bench, 3);
    assert.deepEqual([again.kind, again.repeated], ['killed', true], 'nobody knows what it did before the boot');
    assert.equal(bench.read('ran'), 'x\n');
  });
}

function testCuts(world: SshWorld): void {
  test('go that comes later than 2 s after hello does nothing (S12)', async () => {
    const pid = join(world.folder, 'stopped.pid');
    const inner = `sh -c 'echo $$ > "${pid}"; exec ssh "$@"' ssh "$@"`;
    const text = `${inner} | { IFS= read -r line; kill -STOP $(cat '${pid}'); printf '%s\\n' "$line"; sleep 3; kill -CONT $(cat '${pid}'); cat; }`;
    await using bench = await world.open({}, { program: client(world, 'stopping', text) });
    bench.actions.start = bench.script('echo x >> ran');
    const result = await start(bench, 1);
    assert.equal(result.kind, 'killed', result.reason);
    assert.match(result.reason, /later than 2 s/);
    assert.equal(bench.exists('ran'), false);
  });

  test('a cut in the middle of a start: the result is heard later, and the start is done once', async () => {
    await using cutter = await openTcpCutter(world.target.port);
    await using bench = await world.open(through(cutter.port, world));
    bench.actions.start = bench.script('echo x >> ran; while [ ! -e enough ]; do sleep 0.1; done; echo ready', 20_000);
    const starting = start(bench, 1, 20_000);
    await eventually(() => bench.exists('ran'), 'the script runs');
    cutter.cut();
    cutter.mend();
    const status = await bench.driver.status(contextAt(1), { signal: NEVER });
    assert.deepEqual([status.role, status.running], ['starting', true], status.reason);
    writeFileSync(bench.path('enough'), '');
    const result = await starting;
    assert.equal(result.kind, 'done', result.reason);
    assert.match(result.evidence.output, /ready/);
    assert.equal(bench.read('ran'), 'x\n');
  });

  test('a node that stays away after a cut is failed soon, and its status tells what became of the start (S33)', async () => {
    await using cutter = await openTcpCutter(world.target.port);
    await using bench = await world.open(through(cutter.port, world));
    bench.actions.start = bench.script('echo x >> ran; while [ ! -e enough ]; do sleep 0.1; done', 300_000);
    const starting = start(bench, 1, 300_000);
    await eventually(() => bench.exists('ran'), 'the script runs');
    cutter.cut();
    writeFileSync(bench.path('enough'), '');
    const result = await starting;
    assert.equal(result.kind, 'failed', result.reason);
    assert.match(result.reason, /the script may run on, its status tells/);
    cutter.mend();
    await eventually(async () => {
      const { role, lastResult } = await bench.driver.status(contextAt(1), { signal: NEVER });
      return role === 'active' && lastResult?.kind === 'done';
    }, 'the status to tell what became of the start');
    assert.equal(bench.read('ran'), 'x\n');
  });

  test('when the right to act ends meanwhile the answer is killed, and a higher step ends what runs (S8)', async () => {
    await using bench = await world.open();
    bench.actions.start = bench.script('echo $$ > pid; sleep 60', 60_000);
    bench.actions.stop = bench.script('true');
    const starting = start(bench, 1, 60_000);
    await eventually(() => bench.exists('pid') && bench.read('pid') !== '', 'the script runs');
    bench.allow(-1);
    assert.equal((await starting).kind, 'killed');
    bench.allow(60_000);
    assert.ok(isProcessAlive(Number(bench.read('pid'))), 'the node ends it by its own deadline');
    const stopped = await bench.driver.act('stop', contextAt(2), { timeoutMs: 30_000, signal: NEVER });
    assert.equal(stopped.kind, 'done', stopped.reason);
    assert.equal(isProcessAlive(Number(bench.read('pid'))), false);
  });
}

/** The same node by another port, whose key is known too. */
function through(port: number, { target }: SshWorld): Partial<SshTarget> {
  const file = target.knownHosts ?? '';
  const [, key = ''] = /\S+ (.*)/.exec(readFileSync(file, 'utf8')) ?? [];
  writeFileSync(file, `[127.0.0.1]:${port} ${key}\n`, { flag: 'a' });
  return { port };
}
