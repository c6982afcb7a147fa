// Commands of crontabs on real nodes: they run where the service is active and nowhere else, exactly as they were written, and
// nothing of them outlives the lease, the service, or their keeper (S16).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, notePid } from '../support/keeper-bench.ts';
import { AgentCluster, LEASE_MS, LONG_LEASE } from './support/agents.ts';
import type { NodeName } from './support/cluster-files.ts';
import { expectExit } from './support/expect-exit.ts';
import { type Ended, GuardedCommand, RUN_IF_ACTIVE } from './support/guarded-command.ts';
import { runOneup } from './support/run-oneup.ts';
import { waitUntil } from './support/wait-until.ts';

async function run(agents: AgentCluster, node: NodeName, ...args: readonly string[]): Promise<Ended> {
  using command = new GuardedCommand(agents, node, ...args);
  return await command.ended;
}

/** A shell that notes its process id and that of a daemon that it leaves behind, and ignores SIGTERM. */
function stubborn(path: string): readonly string[] {
  const daemon = `setsid sh -c '${notePid(`${path}-daemon`)}; exec sleep 300' >/dev/null 2>&1 &`;
  return ['--', 'sh', '-c', `trap '' TERM; ${daemon} ${notePid(path)}; while :; do sleep 1; done`];
}

describe('run-if-active', () => {
  test('runs on the active node what was written, and nothing on the standby', async (t) => {
    // No lease may run out here, also while an agent is started again.
    await using agents = await AgentCluster.running([LONG_LEASE]);
    const { cluster } = agents;

    await t.test('arguments, environment, streams and directory are as they were written', async () => {
      const script = 'for x; do printf "[%s]" "$x"; done; echo "$ONEUP_SERVICE $ONEUP_NODE $ONEUP_EPOCH"; pwd';
      const odd = ['a b', 'new\nline', '$HOME', "it's", '', '--', '-x'];
      const { code, stdout, stderr } = await run(agents, 'a', '--', 'sh', '-c', script, 'sh', ...odd);
      assert.equal(code, 0, stderr);
      const said = odd.map((word) => `[${word}]`).join('');
      const { epoch } = await cluster.service();
      assert.equal(stdout, `${said}web a ${epoch}\n${cluster.directory}\n`);
    });

    await t.test('the exit code is the one of the command', async () => {
      for (const [script, expected] of [
        ['exit 0', 0],
        ['exit 3', 3],
        ['exit 255', 255],
        ['kill -TERM $$', 143],
        ['kill -KILL $$', 137],
      ] as const) {
        const { code, stderr } = await run(agents, 'a', '--', 'sh', '-c', script);
        assert.equal(code, expected, `${script}: ${stderr}`);
      }
      assert.equal((await run(agents, 'a', '--', '/nowhere/at/all')).code, 127);
      assert.equal((await run(agents, 'a', '--no-keeper', '--', '/nowhere/at/all')).code, 127);
      assert.equal((await run(agents, 'a', '--no-keeper', '--', cluster.directory)).code, 126);
      assert.equal((await run(agents, 'a', '--no-keeper', '--', 'sh', '-c', 'kill -USR1 $$')).code, 138);
    });

    await t.test('the standby says in one line why not, and ends with 10 or with what was asked for', async () => {
      const refused = await run(agents, 'b', '--', 'echo', 'ran');
      assert.deepEqual([refused.code, refused.stdout], [10, '']);
      assert.match(refused.stderr, /^oneup run-if-active: web: not run: this node is stopped\n$/);
      const quiet = await run(agents, 'b', '--quiet', '--else-exit', '0', '--', 'echo', 'ran');
      assert.deepEqual(quiet, { code: 0, stdout: '', stderr: '' });
    });

    await t.test('oneup run-if-active is the same, and every user may read the state', async () => {
      const state = cluster.path('agent-a/state.json');
      assert.equal(statSync(state).mode & 0o777, 0o644);
      assert.equal(statSync(cluster.path('agent-a')).mode & 0o777, 0o711);
      const place = { directory: cluster.directory, env: {} };
      const args = [
        'run-if-active',
        '--state',
        state,
        '--max-state-age',
        '20s',
        'web',
        '--',
        'sh',
        '-c',
        'echo $1; exit 4',
      ];
      const { code, stdout, stderr } = await runOneup(place, [...args, 'sh', '--', 'x']);
      assert.deepEqual([code, stdout], [4, '--\n'], stderr);
    });

    await t.test('one inside another is refused: the keeper could not hold it', async () => {
      const state = cluster.path('agent-a/state.json');
      const inner = [process.execPath, RUN_IF_ACTIVE, '--state', state, '--max-state-age', '20s', 'web', '--', 'true'];
      const { code, stderr } = await run(agents, 'a', '--', ...inner);
      assert.equal(code, 10, stderr);
      assert.match(stderr, /not the pid namespace of the keeper/);
    });

    await t.test('signals go to the command', async () => {
      using command = new GuardedCommand(
        agents,
        'a',
        ...['--', 'sh', '-c', `trap 'echo got; exit 9' TERM; ${notePid('told')}; while :; do sleep 0.1; done`],
      );
      await command.pidIn(cluster.path('told'));
      command.child.kill('SIGTERM');
      assert.deepEqual(await command.ended, { code: 9, stdout: 'got\n', stderr: '' });
    });

    await t.test('what the command leaves behind ends with it, also when its wrapper is killed', async () => {
      using command = new GuardedCommand(agents, 'a', ...stubborn('killed'));
      const pids = [await command.pidIn(cluster.path('killed')), await command.pidIn(cluster.path('killed-daemon'))];
      command.child.kill('SIGKILL');
      await waitUntil('all of it to be gone', () => !pids.some(isRunning));
      assert.notEqual(agents.instancePid('a'), null, 'the service stays');
    });

    await t.test('an agent that is started again leaves a command alone, also one with --kill-on-loss', async () => {
      const loop = `${notePid('going')}; while :; do sleep 0.1; done`;
      using command = new GuardedCommand(agents, 'a', '--kill-on-loss', '--', 'sh', '-c', loop);
      const pid = await command.pidIn(cluster.path('going'));
      await agents.kill('a');
      const before = agents.state('a').renewedBootMs ?? 0;
      agents.start('a');
      await waitUntil('the new agent to renew', () => (agents.state('a').renewedBootMs ?? 0) > before);
      await sleep(LEASE_MS / 6);
      assert.equal(isRunning(pid), true);
      command.child.kill('SIGTERM');
      assert.equal((await command.ended).code, 143);
    });

    await t.test('another user cannot speak to the keeper, and may do without', (t) => {
      const user = ['--reuid=65534', '--regid=65534', '--clear-groups', '--'];
      if (spawnSync('setpriv', [...user, 'test', '-r', RUN_IF_ACTIVE]).status !== 0)
        return t.skip('no other user can read this program');
      chmodSync(cluster.directory, 0o711);
      const state = cluster.path('agent-a/state.json');
      const [program, ...args] = [process.execPath, RUN_IF_ACTIVE, '--state', state, '--max-state-age', '20s'];
      const asked = (...more: readonly string[]) =>
        spawnSync('setpriv', [...user, program ?? '', ...args, ...more, 'web', '--', 'id', '-u'], { encoding: 'utf8' });
      const refused = asked();
      assert.equal(refused.status, 10);
      assert.match(refused.stderr, /no keeper answers .*EACCES.*--no-keeper does without/);
      const { status, stdout, stderr } = asked('--no-keeper');
      assert.deepEqual([status, stdout], [0, '65534\n'], stderr);
    });

    await t.test('a stop is done only when the command is gone, too', async () => {
      using command = new GuardedCommand(agents, 'a', ...stubborn('stopped'));
      const pids = [await command.pidIn(cluster.path('stopped')), await command.pidIn(cluster.path('stopped-daemon'))];
      await expectExit(cluster, 0, 'switchover', 'web', '--to', 'b', '--reason', 'test');
      assert.deepEqual(pids.filter(isRunning), []);
      assert.equal((await command.ended).code, 137);
      await cluster.settled('b');
      await waitUntil('the other node to run it', async () => (await run(agents, 'b', '--', 'true')).code === 0);
      assert.equal((await run(agents, 'a', '--', 'true')).code, 10);
    });
  });

  test('an agent that stands still: the keeper ends the command, and a stale state is refused', async () => {
    await using agents = await AgentCluster.running();
    const { cluster } = agents;
    using command = new GuardedCommand(agents, 'a', ...stubborn('lost'));
    const pids = [await command.pidIn(cluster.path('lost')), await command.pidIn(cluster.path('lost-daemon'))];
    agents.signal('a', 'SIGSTOP');
    await waitUntil('the keeper to end the service', () => agents.instancePid('a') === null);
    await cluster.settled('b');
    assert.deepEqual(pids.filter(isRunning), [], 'nothing of it runs beside the standby');
    assert.equal((await command.ended).code, 137);
    const stale = await run(agents, 'a', '--', 'echo', 'ran');
    assert.deepEqual([stale.code, stale.stdout], [10, '']);
    assert.match(stale.stderr, /its lease ends within a second, or has ended/);
  });

  test('a wrapper that stands still: the keeper ends the command all the same', async () => {
    await using agents = await AgentCluster.running([LONG_LEASE]);
    using command = new GuardedCommand(agents, 'a', ...stubborn('still'));
    const pid = await command.pidIn(agents.cluster.path('still'));
    command.child.kill('SIGSTOP');
    await expectExit(agents.cluster, 0, 'switchover', 'web', '--to', 'b', '--reason', 'test');
    assert.equal(isRunning(pid), false);
    command.child.kill('SIGCONT');
    assert.equal((await command.ended).code, 137);
  });

  test('a keeper that is killed takes the command with it; none, or a damaged state, is a refusal', async () => {
    // Nothing here waits for a lease to end, so that a busy machine may be slow to renew one.
    await using agents = await AgentCluster.running([LONG_LEASE]);
    const { cluster } = agents;
    using command = new GuardedCommand(agents, 'a', ...stubborn('kept'));
    const pids = [await command.pidIn(cluster.path('kept')), await command.pidIn(cluster.path('kept-daemon'))];
    agents.signal('a', 'SIGSTOP');
    process.kill(agents.keeperPid('a'), 'SIGKILL');
    await waitUntil('all of it to be gone', () => !pids.some(isRunning));
    assert.equal((await command.ended).code, 137);
    const alone = await run(agents, 'a', '--', 'echo', 'ran');
    assert.deepEqual([alone.code, alone.stdout], [10, '']);
    assert.match(alone.stderr, /no keeper answers|its lease ends/);
    await agents.kill('b');
    writeFileSync(cluster.path('agent-b/state.json'), '{"format":1,');
    assert.match((await run(agents, 'b', '--else-exit', '77', '--', 'true')).stderr, /is damaged/);
  });

  test('--kill-on-loss without a keeper: SIGTERM when the node stops being active, SIGKILL before the lease ends', async () => {
    await using agents = await AgentCluster.running();
    const { cluster } = agents;
    const script = (name: string, trap: string, loop: string) => `trap '${trap}' TERM; ${notePid(name)}; ${loop}`;
    const loose = ['--no-keeper', '--kill-on-loss', '--', 'sh', '-c'];
    // A shell that waits hears the signal at once: between the two of a lease that ends lies less than half a second.
    const waits = script('polite', 'kill $!; exit 5', 'sleep 300 > /dev/null 2>&1 & wait');
    using polite = new GuardedCommand(agents, 'a', ...loose, waits);
    using stubbornOne = new GuardedCommand(agents, 'a', ...loose, script('rude', '', 'while :; do sleep 0.1; done'));
    const pids = [await polite.pidIn(cluster.path('polite')), await stubbornOne.pidIn(cluster.path('rude'))];
    await sleep(LEASE_MS / 6);
    agents.signal('a', 'SIGSTOP');
    await cluster.settled('b');
    assert.deepEqual(pids.filter(isRunning), []);
    const ended = await polite.ended;
    assert.equal(ended.code, 5);
    assert.match(ended.stderr, /the command is ended: its lease ends within a second/);
    assert.equal((await stubbornOne.ended).code, 137);
  });
});
