// The keeper on real processes: whatever happens to the agent, a service is dead after its deadline, and it dies with its
// keeper (S16). Without root nothing can be bound, and the keeper says so.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
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
  processesNaming,
  SERVICE,
} from '../support/keeper-bench.ts';
import { type StartedChild, startChild } from '../support/start-child.ts';

const AGENT = fileURLToPath(new URL('./support/keeper-agent-process.ts', import.meta.url));
const IS_ROOT = process.getuid?.() === 0;
const AHEAD_MS = 8_000;
/** A service, a child of it, and a daemon that forked twice and left its session. */
const FAMILY = [
  `setsid sh -c '(${notePid('daemon')}; sleep 300; true) & exit' &`,
  `sh -c '${notePid('child')}; sleep 300; true' &`,
  'wait; sleep 300; true',
].join('\n');

describe('keeper, deadlines', { concurrency: 2 }, () => {
  for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
    test(`kills the service at its deadline after ${signal} to the agent, and not before`, async () => {
      await using bench = openKeeperBench();
      const { pid: keeperPid } = await bench.hello();
      await using _agent = await startFamily(bench, signal);
      const pids = await familyOf(bench);
      const deadlineBootMs = (await bench.view())?.deadlineBootMs ?? 0;
      assert.ok(pids.every(isRunning), 'alive before the deadline');
      assert.ok(bench.clock.bootMs() < deadlineBootMs, 'the test was in time');
      await eventually(() => !pids.some(isRunning), 'the deadline');
      assert.ok(bench.clock.bootMs() >= deadlineBootMs, 'not before the deadline');
      await eventually(async () => (await bench.view())?.running === false, 'the keeper to say so');
      const { lastExit, deadlineBootMs: after } = (await bench.view()) ?? {};
      assert.equal(lastExit?.signal, 'SIGKILL');
      assert.ok((lastExit?.atBootMs ?? 0) >= deadlineBootMs);
      assert.equal(after, deadlineBootMs, 'the deadline stays as it was');
      assert.deepEqual(keepersOf(bench.stateDir), [keeperPid], 'the keeper is the same');
    });
  }

  test('a machine that is short of time makes no deadline late: the keeper goes first, and what it starts does not', async (t) => {
    if (spawnSync('chrt', ['-R', '-r', '1', 'true']).status !== 0) return t.skip('chrt is missing, or may not be used');
    await using bench = openKeeperBench();
    const { pid } = await bench.hello();
    await using _agent = await startFamily(bench, 'SIGKILL');
    const policyOf = (of: number) => spawnSync('chrt', ['-p', String(of)], { encoding: 'utf8' }).stdout;
    assert.match(policyOf(pid), /SCHED_RR/);
    for (const member of await familyOf(bench)) assert.match(policyOf(member), /SCHED_OTHER/);
  });

  test('the next agent finds the service and its deadline, prolongs it, and hears of its end', async () => {
    await using bench = openKeeperBench();
    await using _agent = await startFamily(bench, 'SIGKILL');
    const before = await bench.view();
    using next = bench.connect();
    const exits: string[] = [];
    next.onExit((service, exit) => exits.push(`${service} ${exit.signal}`));
    const deadlineBootMs = bench.clock.bootMs() + 60_000;
    assert.ok(await next.arm({ service: SERVICE, epoch: 1, deadlineBootMs }, patience()));
    await eventually(() => bench.clock.bootMs() > (before?.deadlineBootMs ?? 0) + 500, 'the old deadline');
    assert.equal((await bench.view())?.running, true, 'it outlives the deadline that was prolonged');
    assert.equal(await bench.stop(0), 'stopped');
    await eventually(() => exits.length === 1, 'the exit');
    assert.deepEqual(exits, [`${SERVICE} SIGKILL`]);
  });

  test('an exit while no agent was there is told to the next one, once', async () => {
    await using bench = openKeeperBench();
    await bench.arm(20_000);
    await bench.spawn('exit 0');
    await eventually(async () => (await bench.view())?.running === false, 'the exit');
    using next = bench.connect();
    const exits: (number | null)[] = [];
    await next.hello(patience());
    next.onExit((_, exit) => exits.push(exit.code));
    await next.hello(patience());
    assert.deepEqual(exits, [0]);
  });

  test('SIGKILL to the keeper ends the service and every descendant, and the agent hears of it', async (t) => {
    if (!IS_ROOT) return t.skip('binding needs root');
    await using bench = openKeeperBench();
    const exits: (string | null)[] = [];
    bench.keeper.onExit((_, exit) => exits.push(exit.signal));
    await bench.arm(60_000);
    assert.equal((await bench.spawn(FAMILY)).kind, 'spawned');
    const pids = await familyOf(bench);
    const { pid, binds } = await bench.hello();
    assert.equal(binds, true);
    // Also a program that is stopped, and whatever waits for it.
    process.kill(pids[0] ?? 0, 'SIGSTOP');
    process.kill(pid, 'SIGKILL');
    await eventually(() => !pids.some(isRunning), 'everything to die');
    await eventually(() => !processesNaming(bench.stateDir).some(isRunning), 'everything that held it to go');
    await eventually(() => exits.length > 0, 'the agent to hear of it');
    assert.deepEqual(exits, ['SIGKILL']);
    const { pid: nextPid, services } = await bench.hello();
    assert.notEqual(nextPid, pid, 'another keeper');
    assert.deepEqual(services, [], 'which needs no state: nothing is left');
  });
});

/** An agent starts the family and is then stopped or killed. */
async function startFamily(bench: KeeperBench, signal: 'SIGSTOP' | 'SIGKILL'): Promise<StartedChild> {
  const agent = startChild([process.execPath, AGENT, bench.stateDir, String(AHEAD_MS), FAMILY]);
  assert.equal(await agent.line(), 'spawned');
  await familyOf(bench);
  agent.process.kill(signal);
  return agent;
}

async function familyOf(bench: KeeperBench): Promise<readonly number[]> {
  const main = (await bench.view())?.pid ?? 0;
  return [main, ...(await Promise.all([bench.pidIn('child'), bench.pidIn('daemon')]))];
}
