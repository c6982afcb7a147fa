// What a keeper bears from those who speak to it, on real sockets: rubbish, floods, those who do not read, a second keeper, and a
// keeper that may not do what it needs root for.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  eventually,
  isRunning,
  type KeeperBench,
  keepersOf,
  notePid,
  openKeeperBench,
  patience,
  SERVICE,
} from '../support/keeper-bench.ts';

const ENTRY = fileURLToPath(new URL('../../src/keeper/keeper-process.ts', import.meta.url));
const IS_ROOT = process.getuid?.() === 0;
const NOBODY = 65_534;
const LONG_MS = 120_000;
const START_MAX_MS = 20_000;

describe('keeper, clients', { concurrency: 2 }, () => {
  test('answers bad input with what is wrong, and serves the same client on', async () => {
    await using bench = openKeeperBench();
    const { pid } = await bench.hello();
    const talk = openTalk(bench);
    const cases: readonly [string, RegExp][] = [
      ['rubbish', /no JSON object/],
      ['[]', /no JSON object/],
      ['\u0000\u00ff', /no JSON object/],
      ['{"kind":"format","id":1}', /kind is unknown/],
      ['{"kind":"__proto__","id":1}', /kind is unknown/],
      ['{"kind":"arm","id":1,"service":"../x","epoch":1,"deadlineBootMs":1}', /service is not a name/],
      ['{"kind":"arm","id":1,"service":"web","epoch":1,"deadlineBootMs":1e300}', /more than \d+ ms ahead/],
      ['{"kind":"stop","id":1,"service":"web","graceMs":1,"secret":"hunter2"}', /unknown here/],
    ];
    for (const [line, expected] of cases) assert.match((await talk.ask(line)).reason ?? '', expected, line);
    assert.equal((await talk.ask('{"kind":"hello","id":7}')).kind, 'answer');
    assert.equal((await bench.hello()).pid, pid, 'the same keeper');
  });

  test('cuts off who sends a line without end, who does not read, and who comes too many', async () => {
    await using bench = openKeeperBench();
    const { pid } = await bench.hello();
    const endless = openTalk(bench);
    endless.socket.write('x'.repeat(100_000));
    assert.match((await endless.next()).reason ?? '', /longer than 65536 bytes/);
    const silent = connectTo(bench);
    silent.pause();
    const flood = '{"kind":"hello","id":1}\n'.repeat(2_000);
    const flooding = setInterval(() => silent.write(flood), 5);
    await eventually(() => silent.destroyed, 'the flood to be cut off');
    clearInterval(flooding);
    const crowd = Array.from({ length: 300 }, () => connectTo(bench).resume());
    await eventually(() => crowd.some((socket) => socket.readableEnded), 'one too many to be refused');
    assert.equal((await bench.hello()).pid, pid, 'the agent is served on');
    for (const socket of crowd) socket.destroy();
  });

  test('ten thousand arms are answered one by one, and the last one counts', async () => {
    await using bench = openKeeperBench();
    const { pid } = await bench.hello();
    const talk = openTalk(bench);
    const baseBootMs = Math.floor(bench.clock.bootMs()) + LONG_MS;
    for (let id = 0; id < 10_000; id += 1) {
      const request = { kind: 'arm', id, service: SERVICE, epoch: 1, deadlineBootMs: baseBootMs + id };
      talk.socket.write(`${JSON.stringify(request)}\n`);
    }
    for (let id = 0; id < 10_000; id += 1) assert.deepEqual(await talk.next(), { kind: 'answer', id, answer: true });
    assert.equal((await bench.view())?.deadlineBootMs, baseBootMs + 9_999);
    assert.equal((await bench.hello()).pid, pid);
  });

  test('a second keeper on the same directory says that one lives, and leaves it alone', async () => {
    await using bench = openKeeperBench();
    const { pid } = await bench.hello();
    const second = spawnSync(process.execPath, [ENTRY, bench.stateDir], { encoding: 'utf8', timeout: START_MAX_MS });
    assert.equal(second.status, 1);
    assert.match(second.stderr, /^Cannot start the keeper: one lives already/);
    assert.equal((await bench.hello()).pid, pid);
    assert.equal(statSync(bench.path('keeper.sock')).mode & 0o777, 0o600);
  });

  test('the socket of a keeper that was killed is taken over; a keeper that is told to end stops its services', async () => {
    await using bench = openKeeperBench();
    const { pid } = await bench.hello();
    process.kill(pid, 'SIGKILL');
    await eventually(async () => (await bench.hello()).pid !== pid, 'the next keeper');
    await bench.arm(LONG_MS);
    await bench.spawn(`trap 'echo bye > bye; exit' TERM; ${notePid('main')}; while :; do sleep 0.05; done`);
    const main = await bench.pidIn('main');
    process.kill((await bench.hello()).pid, 'SIGTERM');
    await eventually(() => !isRunning(main), 'the service to end');
    assert.equal(bench.read('bye'), 'bye\n');
  });

  test('calls give up at their deadline while the keeper stands still, and work again when it goes on', async () => {
    await using bench = openKeeperBench();
    const { pid } = await bench.hello();
    process.kill(pid, 'SIGSTOP');
    await assert.rejects(bench.keeper.hello({ signal: AbortSignal.timeout(500) }), { code: 'ONEUP_AGENT_KEEPER' });
    process.kill(pid, 'SIGCONT');
    assert.equal((await bench.hello()).pid, pid);
    const env = { BIG: 'x'.repeat(70_000) };
    await assert.rejects(bench.spawn('exit 0', { env }), {
      code: 'ONEUP_AGENT_KEEPER',
      message: /longer than 65536 bytes/,
    });
  });

  test('an agent that may not start a keeper says that nobody is there', async () => {
    await using bench = openKeeperBench({ mayStart: false });
    const signal = AbortSignal.timeout(3_000);
    await assert.rejects(bench.keeper.hello({ signal }), { code: 'ONEUP_AGENT_KEEPER', message: /ENOENT/ });
    assert.deepEqual(keepersOf(bench.stateDir), []);
  });

  test('writes to the watchdog while it lives; only an ordered end disarms it', async () => {
    for (const [signal, expected] of [
      ['SIGTERM', /^\0+V$/],
      ['SIGKILL', /^\0+$/],
    ] as const) {
      const device = join(mkdtempSync(join(tmpdir(), 'oneup-watchdog-')), 'device');
      writeFileSync(device, '');
      await using bench = openKeeperBench({ watchdogPath: device });
      const { pid, watchdog } = await bench.hello();
      assert.equal(watchdog, true);
      await eventually(() => readFileSync(device).length > 1, 'two writes');
      bench.keeper[Symbol.dispose]();
      process.kill(pid, signal);
      await eventually(() => !isRunning(pid), 'the keeper to end');
      assert.match(readFileSync(device, 'latin1'), expected);
      rmSync(dirname(device), { recursive: true });
    }
  });

  test('without the watchdog that was asked for there is no keeper, and its log says why', async () => {
    await using bench = openKeeperBench({ watchdogPath: '/no/such/device' });
    await assert.rejects(bench.keeper.hello({ signal: AbortSignal.timeout(3_000) }), { code: 'ONEUP_AGENT_KEEPER' });
    const isTold = () => /Cannot open the watchdog: .*ENOENT/.test(bench.read('oneup.keeper.log'));
    await eventually(() => existsSync(bench.path('oneup.keeper.log')) && isTold(), 'the reason');
  });

  test('without root a keeper says that it binds nothing, and still kills the group at the deadline', async (t) => {
    if (!IS_ROOT) return t.skip('needs root to become another user');
    const stateDir = mkdtempSync(join(tmpdir(), 'oneup-keeper-'));
    chownSync(stateDir, NOBODY, NOBODY);
    const child = spawn(process.execPath, [ENTRY, stateDir], { uid: NOBODY, gid: NOBODY, stdio: 'ignore', env: {} });
    try {
      await using bench = openKeeperBench({ mayStart: false, stateDir });
      assert.equal((await bench.hello()).binds, false);
      await bench.arm(8_000);
      await bench.spawn(`${notePid('main')}; sleep 300 & wait`);
      const main = await bench.pidIn('main');
      await eventually(() => !isRunning(main), 'the deadline');
      await eventually(async () => (await bench.view())?.lastExit?.signal === 'SIGKILL', 'the keeper to say so');
      assert.deepEqual(await bench.keeper.stop({ service: SERVICE, graceMs: 0 }, patience()), { kind: 'stopped' });
    } finally {
      child.kill('SIGKILL');
      rmSync(stateDir, { recursive: true, force: true });
    }
  });
});

type Said = { readonly kind: string; readonly reason?: string };
type Talk = {
  readonly socket: Socket;
  readonly next: () => Promise<Said>;
  readonly ask: (line: string) => Promise<Said>;
};

function openTalk(bench: KeeperBench): Talk {
  const socket = connectTo(bench);
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  async function next(): Promise<Said> {
    const { value, done } = await lines.next();
    if (done) throw new Error('Cannot read an answer: the keeper has closed the connection');
    return JSON.parse(value) as Said;
  }
  return {
    socket,
    next,
    ask: (line) => {
      socket.write(`${line}\n`);
      return next();
    },
  };
}

function connectTo(bench: KeeperBench): Socket {
  const socket = createConnection(bench.path('keeper.sock'));
  socket.on('error', () => {});
  socket.setTimeout(START_MAX_MS, () => socket.destroy());
  return socket;
}
