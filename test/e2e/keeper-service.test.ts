// What a keeper does with a service besides killing it in time, on real processes: how it starts, ends and prints, and what is
// left of it.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import {
  eventually,
  isRunning,
  type KeeperBench,
  notePid,
  openKeeperBench,
  processState,
  SCRIPT_ENV,
} from '../support/keeper-bench.ts';

const LONG_MS = 120_000;
const READY = ': > ready';

describe('keeper, one service', { concurrency: 2 }, () => {
  for (const [script, expected] of [
    ['exit 0', { code: 0, signal: null }],
    ['sleep 0.2; exit 143', { code: 143, signal: null }],
    ['sleep 0.2; kill -TERM $$', { code: null, signal: 'SIGTERM' }],
  ] as const) {
    test(`tells exactly how a program ended: ${script}`, async () => {
      await using bench = openKeeperBench();
      await bench.arm(LONG_MS);
      assert.equal((await bench.spawn(script)).kind, 'spawned');
      await untilEnded(bench);
      const { lastExit, pid } = (await bench.view()) ?? {};
      assert.deepEqual({ code: lastExit?.code, signal: lastExit?.signal }, expected);
      assert.equal(pid, null);
    });
  }

  test('gives the program exactly the environment and the directory that were asked for', async () => {
    await using bench = openKeeperBench();
    await bench.arm(LONG_MS);
    const env = { A: '1', 'x.y': 'a b\n"c"', PWD: 'nowhere' };
    // A program that is no shell: shells add variables of their own.
    await bench.spawn('', { argv: ['/usr/bin/env', '-0'], env, cwd: '/usr' });
    await untilEnded(bench);
    assert.deepEqual(bench.read('web.log').split('\0').filter(Boolean).sort(), ['A=1', 'PWD=nowhere', 'x.y=a b\n"c"']);
    await bench.spawn('pwd; ls -l /proc/self/fd', { step: 2, cwd: '/usr' });
    await untilEnded(bench);
    const [cwd, ...fds] = (bench.read('web.log').split('\0').at(-1) ?? '').trim().split('\n');
    assert.equal(cwd, '/usr');
    assert.ok(fds.length > 3, 'the list was read');
    assert.deepEqual(
      fds.filter((line) => /keeper\.|pid:\[|socket:/.test(line)),
      [],
      'nothing of the keeper is inherited',
    );
  });

  test('stop asks with SIGTERM first, and takes the exit that the program chooses', async () => {
    await using bench = openKeeperBench();
    await bench.arm(LONG_MS);
    await bench.spawn(`trap 'exit 7' TERM; ${READY}; while :; do sleep 0.05; done`);
    await eventually(() => existsSync(bench.path('ready')), 'the trap');
    assert.equal(await bench.stop(15_000), 'stopped');
    const { lastExit, running, deadlineBootMs } = (await bench.view()) ?? {};
    assert.deepEqual([lastExit?.code, running, deadlineBootMs], [7, false, null]);
  });

  test('stop kills what ignores SIGTERM, with its descendants, and disarms', async () => {
    await using bench = openKeeperBench();
    await bench.arm(LONG_MS);
    await bench.spawn(`trap '' TERM; ${daemon('daemon')}; ${READY}; while :; do sleep 0.05; done`);
    const pids = [(await bench.view())?.pid ?? 0, await bench.pidIn('daemon')];
    await eventually(() => existsSync(bench.path('ready')), 'the trap');
    assert.equal(await bench.stop(300), 'stopped');
    assert.deepEqual(pids.filter(isRunning), []);
    assert.equal((await bench.view())?.lastExit?.signal, 'SIGKILL');
    assert.equal((await bench.spawn('exit 0', { step: 2 })).kind, 'refused', 'not armed any more');
    assert.equal(await bench.arm(LONG_MS), true);
    assert.equal((await bench.spawn('exit 0', { step: 2 })).kind, 'spawned');
  });

  test('a daemon that outlives its program keeps the service running, and is stopped like it', async () => {
    await using bench = openKeeperBench();
    await bench.arm(LONG_MS);
    assert.equal((await bench.spawn(`${daemon('daemon')}; exit 0`)).kind, 'spawned');
    const pid = await bench.pidIn('daemon');
    await eventually(async () => (await bench.view())?.pid === null, 'the program to end');
    assert.equal((await bench.view())?.running, true);
    assert.equal((await bench.spawn('exit 0', { step: 2 })).kind, 'refused', 'an instance is there');
    assert.equal(await bench.stop(10_000), 'stopped');
    assert.equal(isRunning(pid), false);
  });

  test('what forks and ends again and again, always in a new session, is caught at the deadline', async (t) => {
    if (process.getuid?.() !== 0) return t.skip('binding needs root');
    await using bench = openKeeperBench();
    const again = `${notePid('hopper')}; sleep 0.01; (setsid sh ./hop &)`;
    writeFileSync(bench.path('hop'), again);
    await bench.arm(8_000);
    await bench.spawn('exec sh ./hop');
    const first = await bench.pidIn('hopper');
    await eventually(() => !bench.read('hopper').startsWith(`${first}\n`), 'the first hop');
    await eventually(async () => (await bench.view())?.running === false, 'the deadline');
    const last = bench.read('hopper');
    await setTimeout(500);
    assert.equal(bench.read('hopper'), last, 'it hops no more');
  });

  test('the service has ended when the last daemon of it has', async () => {
    await using bench = openKeeperBench();
    await bench.arm(LONG_MS);
    await bench.spawn('(setsid sleep 1 &); sleep 0.2; exit 3');
    await untilEnded(bench);
    assert.equal((await bench.view())?.lastExit?.code, 3);
  });

  test('a service that was stopped with SIGSTOP and let go on is still watched, and still killed', async () => {
    await using bench = openKeeperBench();
    await bench.arm(LONG_MS);
    await bench.spawn('while :; do sleep 0.05; done');
    const pid = (await bench.view())?.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    await eventually(() => processState(pid) === 'T', 'the stop');
    assert.equal((await bench.view())?.running, true);
    process.kill(pid, 'SIGCONT');
    process.kill(pid, 'SIGINT');
    await untilEnded(bench);
    await bench.spawn('while :; do sleep 0.05; done', { step: 2 });
    const next = (await bench.view())?.pid ?? 0;
    process.kill(next, 'SIGSTOP');
    assert.equal(await bench.stop(100), 'stopped');
    assert.equal(isRunning(next), false);
  });

  test('what cannot be started fails, leaves nothing, and may be tried again with a higher step', async () => {
    await using bench = openKeeperBench();
    await bench.arm(LONG_MS);
    const wrong = [{ argv: ['no-such-program'] }, { argv: ['/etc/passwd'] }, { cwd: '/no/such/directory' }];
    for (const [index, request] of wrong.entries()) {
      const answer = await bench.spawn('exit 0', { step: index + 1, ...request });
      assert.equal(answer.kind, 'failed', JSON.stringify(request));
      assert.equal((await bench.view())?.running, false);
    }
    assert.equal((await bench.view())?.lastExit, null, 'what never began has not ended');
    assert.equal((await bench.spawn('exit 0', { step: 9 })).kind, 'spawned');
  });

  test('a step is carried out once: the same one again answers what it answered', async () => {
    await using bench = openKeeperBench();
    await bench.arm(LONG_MS);
    const [first, again] = await Promise.all([bench.spawn('echo ran >> runs'), bench.spawn('echo ran >> runs')]);
    assert.deepEqual(again, first);
    await untilEnded(bench);
    assert.deepEqual(await bench.spawn('echo ran >> runs'), first);
    assert.equal(bench.read('runs'), 'ran\n');
  });

  test('output that fills the log is set aside once, and the service goes on', async () => {
    await using bench = openKeeperBench();
    writeFileSync(bench.path('web.log'), Buffer.alloc(11 * 1_024 * 1_024, 'x'));
    await bench.arm(LONG_MS);
    await bench.spawn('while :; do echo line; sleep 0.05; done', { env: SCRIPT_ENV });
    await eventually(
      () => existsSync(bench.path('web.log.1')) && bench.read('web.log').length < 10_000,
      'the log to be cut',
    );
    assert.equal(bench.read('web.log.1').length, 10 * 1_024 * 1_024);
    await eventually(() => bench.read('web.log').startsWith('line\n'), 'more lines');
  });
});

/** Forks twice and leaves session and group. */
function daemon(file: string): string {
  return `(setsid sh -c '${notePid(file)}; while :; do sleep 0.05; done' &)`;
}

async function untilEnded(bench: KeeperBench): Promise<void> {
  await eventually(async () => {
    const view = await bench.view();
    return view !== undefined && view.step > 0 && !view.running;
  }, 'the service to end');
}
