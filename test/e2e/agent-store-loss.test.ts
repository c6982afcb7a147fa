// The store is away for longer than a lease, on real processes: the service stays while every prober that was asked at the last
// renewal agrees, and ends itself in time when one of them is gone too (S37). Two instances at once would show in every test.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EtcdServers, startEtcd } from '../support/servers/etcd-server.ts';
import { AgentCluster, LEASE_MS as SHORT_MS } from './support/agents.ts';
import { PROBERS } from './support/cluster-files.ts';
import { waitUntil } from './support/wait-until.ts';

const LEASE_MS = 6_000;
/** A prober agrees to nothing before it has been there for a lease and the room for clocks (S37). */
const TRUSTED_AFTER_MS = LEASE_MS + 1_000;

async function onEtcd(etcd: EtcdServers): Promise<AgentCluster> {
  const endpoints = etcd.endpoints.map((url) => `"${url}"`).join(', ');
  const agents = await AgentCluster.running([
    [
      'store: { kind: sqlite, path: var/oneup.db }',
      `store: { kind: etcd, callTimeout: 900ms, endpoints: [${endpoints}] }`,
    ],
    ['staleAfter: 2500ms', 'staleAfter: 5m'],
    [`lease: ${SHORT_MS}ms`, `lease: ${LEASE_MS}ms`],
    // An agent that is late for less must still be the one who ends its service, and not the keeper.
    ['stopTimeout: 300ms', 'stopTimeout: 1500ms'],
  ]);
  await sleep(TRUSTED_AFTER_MS);
  return agents;
}

async function stop({ members }: EtcdServers): Promise<void> {
  await Promise.all(members.map((member) => member.kill()));
}

describe('a store that is away for longer than a lease', () => {
  test('the service stays while all agree, is renewed when the store is back, and moves afterwards as ever', async () => {
    await using etcd = await startEtcd();
    await using agents = await onEtcd(etcd);
    const { cluster } = agents;
    const pid = agents.instancePid('a');
    assert.ok(pid !== null);
    await stop(etcd);
    await sleep(3 * LEASE_MS);
    assert.equal(agents.instancePid('a'), pid, agents.log('a'));
    assert.match(agents.log('a'), /the probers agree that it stays/);
    await Promise.all(etcd.members.map((member) => member.start()));
    await cluster.ready();
    await cluster.settled('a');
    await sleep(2 * LEASE_MS);
    assert.equal(agents.instancePid('a'), pid, 'its lease is renewed again');
    await agents.kill('a');
    await cluster.settled('b');
    const { journal } = await cluster.operation();
    assert.match(journal.map(({ text }) => text).join('\n'), /its lease has run out: keeper ends the service/);
  });

  test('one of those that are asked dies too: the service ends itself, and nothing is started', async () => {
    await using etcd = await startEtcd();
    await using agents = await onEtcd(etcd);
    await stop(etcd);
    await agents.cluster.prober(PROBERS[2]).end('SIGKILL');
    await waitUntil('the service to end itself', () => agents.instancePid('a') === null);
    await waitUntil('its agent to say why', () =>
      /no word of p3\/.*its lease was not renewed in time/s.test(agents.log('a')),
    );
    await sleep(LEASE_MS);
    assert.equal(agents.instancePid('b'), null);
    await Promise.all(etcd.members.map((member) => member.start()));
    agents.cluster.start(PROBERS[2]);
    await agents.cluster.settled('b');
  });
});

test('all probers are killed with the agent of the active: those that come back know that nobody agrees any more', async () => {
  await using agents = await AgentCluster.running();
  const { cluster } = agents;
  await sleep(SHORT_MS);
  await agents.kill('a');
  await Promise.all(PROBERS.map((prober) => cluster.prober(prober).end('SIGKILL')));
  for (const prober of PROBERS) cluster.start(prober);
  await cluster.settled('b');
  const { journal } = await cluster.operation();
  assert.match(journal.map(({ text }) => text).join('\n'), /its lease has run out: keeper ends the service/);
});
