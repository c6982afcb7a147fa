// Readers of what oneup says come and go: a command whose reader has gone, such as `head`, ends without a stack trace; a prober and an
// agent go on with their work, because a log daemon that is restarted is no reason to stop a service (S38).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { AgentCluster, LEASE_MS } from './support/agents.ts';
import { Cluster, TRUE_SIGHT } from './support/cluster.ts';
import type { Change } from './support/cluster-files.ts';
import { MAIN } from './support/run-oneup.ts';
import { UnreadProcess } from './support/unread-process.ts';
import { waitUntil } from './support/wait-until.ts';

/** Nothing here waits for a lease to end, so that a busy machine may be slow to renew one. */
const UNHURRIED: Change = [`lease: ${LEASE_MS}ms`, 'lease: 20s'];

test('a command whose output nobody reads ends quietly', () => {
  const { stderr, status } = spawnSync('sh', ['-c', '"$0" "$1" --help | true', process.execPath, MAIN], {
    encoding: 'utf8',
  });
  assert.equal(stderr, '');
  assert.equal(status, 0);
});

test('a prober whose log nobody reads any more goes on, and the service is moved while each line is lost', async () => {
  await using cluster = await Cluster.create();
  await using prober = new UnreadProcess({ directory: cluster.directory, env: TRUE_SIGHT }, [
    'run',
    '--prober',
    'p1',
    '--log-level',
    'debug',
  ]);
  const controller = async () => (await cluster.status('p1')).cluster?.controller?.prober ?? null;
  await waitUntil('p1 to be the controller', async () => (await controller()) === 'p1');
  await waitUntil('what it has written to the pipe while somebody read', () => prober.said !== '');
  await prober.dropReader();
  for (const other of ['p2', 'p3'] as const) cluster.start(other);
  await cluster.ready();
  for (const to of ['a', 'b'] as const) {
    await cluster.accepted({ kind: 'switchover', from: null, to, reason: 'test' });
    await cluster.settled(to);
  }
  assert.ok(prober.isRunning());
  assert.equal(await prober.end('SIGTERM'), 0);
});

test('an agent whose log nobody reads any more starts and keeps its service', async () => {
  await using agents = await AgentCluster.running([UNHURRIED]);
  const { cluster } = agents;
  await agents.kill('b');
  // A new keeper too, which is started by the agent that is not read.
  process.kill(agents.keeperPid('b'), 'SIGKILL');
  await using agent = new UnreadProcess({ directory: cluster.directory, env: {} }, [
    'agent',
    '-c',
    'agent-b.yaml',
    '--log-level',
    'debug',
  ]);
  await waitUntil('the agent to write its first line', () => agent.said !== '');
  await agent.dropReader();
  await agents.connected();
  await cluster.accepted({ kind: 'switchover', from: null, to: 'b', reason: 'test' });
  await cluster.settled('b');
  await waitUntil('its instance to run', () => agents.instancePid('b') !== null);
  assert.ok(agent.isRunning());
  assert.equal(await agent.end('SIGTERM'), 0);
});
