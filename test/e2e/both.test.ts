// Probers that are also the agents of the nodes: whatever ends or stops such a process takes a vote, a name server, perhaps the
// controller and the lease at once. Its keeper has ended the service before anybody else is started (S14 to S16).
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AgentCluster, LEASE_MS, LONG_LEASE, LONG_LEASE_MS, SELF_FENCE } from './support/agents.ts';
import { Cluster } from './support/cluster.ts';
import { type Change, NODES } from './support/cluster-files.ts';
import { expectExit } from './support/expect-exit.ts';
import { standStill } from './support/stand-still.ts';
import { waitUntil } from './support/wait-until.ts';

const FILES = ['oneup.db', 'oneup.db-wal', 'oneup.db-shm'] as const;
const INSIDE = { insideProbers: true } as const;
const BY_KEEPER = /its lease has run out: keeper ends the service/;
/** Long enough for a process to come back on a busy machine. */
const LENGTHY: Change = [`lease: ${LEASE_MS}ms`, 'lease: 20s'];

describe('a prober and an agent in one process', () => {
  test('status says which agents run where, and a service that dies is started on the other node', async () => {
    await using agents = await AgentCluster.running([], INSIDE);
    const { cluster } = agents;
    const { cluster: seen } = await cluster.status('p3');
    assert.deepEqual(
      seen?.probers.map(({ agent }) => agent),
      ['a', 'b', null],
    );
    assert.match((await cluster.oneup('status')).stdout, /p1 +at-p1 +votes .*with agent a\n/);
    const pid = agents.instancePid('a');
    assert.ok(pid !== null);
    process.kill(pid, 'SIGKILL');
    await cluster.settled('b');
    assert.match(await journal(agents), /is proven down/);
  });

  for (const [name, harm] of [
    ['is killed', 'SIGKILL'],
    ['stands still', 'SIGSTOP'],
  ] as const) {
    test(`one that ${name}: its keeper has ended the service before the standby starts`, async () => {
      await using agents = await AgentCluster.running([], INSIDE);
      const { cluster } = agents;
      if (harm === 'SIGKILL') agents.signal('a', harm);
      else await standStill(cluster, agents.host('a'));
      await waitUntil('the keeper to end the service', () => agents.instancePid('a') === null);
      await cluster.settled('b');
      assert.match(await journal(agents), BY_KEEPER);
      if (harm === 'SIGSTOP') agents.signal('a', 'SIGCONT');
      else agents.start('a');
      await agents.connected();
      await cluster.settled('b');
      assert.equal(agents.instancePid('a'), null, 'who comes back starts nothing by itself');
    });
  }

  test('SIGTERM leaves the service to its lease: it goes on when the process is back in time, and moves when not', async () => {
    await using agents = await AgentCluster.running([LENGTHY], INSIDE);
    const { cluster } = agents;
    const pid = agents.instancePid('a');
    agents.signal('a', 'SIGTERM');
    assert.equal(await agents.host('a').ended, 0, agents.host('a').log());
    const before = agents.state('a').renewedBootMs ?? 0;
    agents.start('a');
    await agents.connected();
    await waitUntil('the new agent to renew', () => (agents.state('a').renewedBootMs ?? 0) > before);
    assert.equal(agents.instancePid('a'), pid);
    await cluster.settled('a');
    agents.signal('a', 'SIGTERM');
    assert.equal(await agents.host('a').ended, 0);
    assert.equal(agents.instancePid('a'), pid, 'a clean stop of the agent does not end the service');
    await waitUntil('the keeper to end the service', () => agents.instancePid('a') === null);
    await cluster.settled('b');
  });

  test('a store that is gone for every prober: each agrees that the service stays, also the one beside its agent', async () => {
    await using agents = await AgentCluster.running([LONG_LEASE], INSIDE);
    const { cluster } = agents;
    const pid = agents.instancePid('a');
    // Nobody gives its word who has not run for longer than the wait for a lease.
    await sleep(LONG_LEASE_MS + 5_000);
    for (const file of FILES) renameSync(cluster.path('var', file), cluster.path(`kept-${file}`));
    await sleep(LONG_LEASE_MS + 2_000);
    assert.equal(agents.instancePid('a'), pid, agents.host('a').log());
    await cluster.prober('p3').end('SIGKILL');
    await waitUntil('the service to be stopped', () => agents.instancePid('a') === null);
    assert.ok(agents.host('a').isRunning());
  });

  test('a store that is gone, with selfFence: the agents are cut off, and nobody starts anything', async () => {
    await using agents = await AgentCluster.running([SELF_FENCE], INSIDE);
    const { cluster } = agents;
    for (const file of FILES) renameSync(cluster.path('var', file), cluster.path(`kept-${file}`));
    await waitUntil('the service to be stopped', () => agents.instancePid('a') === null);
    await sleep(LEASE_MS);
    assert.deepEqual([agents.instancePid('a'), agents.instancePid('b')], [null, null]);
    assert.ok(agents.host('a').isRunning() && agents.host('b').isRunning());
    for (const file of FILES.toReversed()) renameSync(cluster.path(`kept-${file}`), cluster.path('var', file));
    await agents.connected();
    await waitUntil('one of them to be started again', async () => {
      const { active, operation } = await cluster.service();
      const running = NODES.filter((node) => agents.instancePid(node) !== null);
      return operation === null && running.length === 1 && running[0] === active;
    });
  });

  test('what cannot start says which part it is, and starts nothing', async () => {
    await using cluster = await Cluster.create();
    const file = (changes: Readonly<Record<string, string>>) => {
      const keys = { cluster: 'e2e', agent: 'a', probers: '["http://127.0.0.1:1"]', token: 'x', stateDir: 'agent-a' };
      const lines = Object.entries({ ...keys, ...changes }).map(([key, value]) => `${key}: ${value}\n`);
      writeFileSync(cluster.path('agent.yaml'), lines.join(''));
    };
    const refused = (code = 1) =>
      expectExit(cluster, code, 'run', '--prober', 'p1', '--agent', 'agent.yaml', '--no-keeper');
    assert.match(await refused(), /agent\.yaml.*the file cannot be read/);
    file({ cluster: 'other' });
    assert.match(await refused(), /Cannot run agent a beside prober p1: .*another cluster.*value was other\nRemedy: /);
    file({ stateDir: 'var/p1' });
    assert.match(await refused(), /Cannot run agent a beside prober p1: .*its own files there.*var\/p1\nRemedy: /);
    file({});
    mkdirSync(cluster.path('agent-a'));
    writeFileSync(cluster.path('agent-a', 'steps.json'), 'damaged');
    assert.match(await refused(6), /^ONEUP_STATE_CORRUPT: Cannot run agent a beside prober p1: Cannot /);
    assert.equal(existsSync(cluster.path('var', 'p1', 'api.sock')), false);
    rmSync(cluster.path('agent-a', 'steps.json'));
    await using taken = createServer().listen(cluster.network.dns.p1.port, cluster.network.dns.p1.host);
    await once(taken, 'listening');
    assert.match(await refused(), /^ONEUP_PORT_IN_USE: Cannot run prober p1 beside agent a: Cannot /);
  });
});

async function journal({ cluster }: AgentCluster): Promise<string> {
  const { journal } = await cluster.operation();
  return journal.map(({ text }) => text).join('\n');
}
