// What becomes of a service that an agent runs when the store under it begins anew: its grant is gone, so its lease is, and its
// agent ends it (S14, S15). Nothing ever runs twice, and it comes back by a cold start or by a person's word (S4, S11).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HistoryEntry } from '../../src/failover/machine-effect.ts';
import { AgentCluster, LEASE_MS } from './support/agents.ts';
import { NODES, SERVICE } from './support/cluster-files.ts';
import { expectExit, jsonOf } from './support/expect-exit.ts';
import { waitUntil } from './support/wait-until.ts';

/** How many instances ran at once, at most, until it is stopped. */
function countInstances(agents: AgentCluster): { readonly stop: () => Promise<number> } {
  let most = 0;
  let isOver = false;
  const counting = (async () => {
    while (!isOver) {
      const seen = NODES.filter((node) => agents.instancePid(node) !== null);
      // One look after the other: only those that are still there when all have been looked at ran at once.
      most = Math.max(most, seen.filter((node) => agents.instancePid(node) !== null).length);
      await sleep(20);
    }
  })();
  return {
    stop: async () => {
      isOver = true;
      await counting;
      return most;
    },
  };
}

test('recover: the agent ends what has no grant any more, and a cold start brings it back after proof', async () => {
  await using agents = await AgentCluster.running();
  const { cluster } = agents;
  const [pid, { epoch }] = [agents.instancePid('a'), await cluster.service()];
  const counter = countInstances(agents);
  const said = await expectExit(cluster, 0, 'recover');
  assert.match(
    said,
    /web is stopped by its agents; it is started again by itself, or with oneup switchover web --to NODE/,
  );
  await waitUntil('the service to be ended', () => agents.instancePid('a') !== pid);
  await waitUntil('the agent to say why', () =>
    /"reason":"(its grant has ended|nobody holds a grant)","msg":"the service is stopped by its agent"/.test(
      agents.log('a'),
    ),
  );
  const { active } = await waitUntil('the service to be back', async () => {
    const service = await cluster.service().catch(() => null);
    return service?.active == null ? null : service;
  });
  assert.equal(await counter.stop(), 1, 'never two at once');
  assert.ok((await cluster.service()).epoch > epoch + 1, 'above all that was granted before');
  assert.equal(agents.instancePid(active === 'a' ? 'b' : 'a'), null);
  await waitUntil('the cold start to be history, once DNS has followed', async () =>
    (await jsonOf<readonly HistoryEntry[]>(cluster, 'history', SERVICE)).some(({ op }) => op.kind === 'coldStart'),
  );
});

test('init --force: tokens are gone too, what runs ends in time, and nothing starts before a person says so', async () => {
  await using agents = await AgentCluster.running();
  const { cluster } = agents;
  const said = await expectExit(cluster, 0, 'init', '--force');
  assert.match(said, /generation 2/);
  await waitUntil('the service to be ended', () => agents.instancePid('a') === null);
  await sleep(LEASE_MS);
  for (const node of NODES) assert.equal(agents.instancePid(node), null, `nothing is started on ${node}`);
  await cluster.ready();
  assert.equal((await cluster.service()).operation, null);
  await waitUntil('its agent to hear that its token is gone', () => agents.log('a').includes('ONEUP_AGENT_DENIED'));
  for (const node of NODES) {
    const { token } = await jsonOf<{ readonly token: string }>(cluster, 'token', 'create', '--agent', node);
    await agents.kill(node);
    agents.writeFile(node, `"${token}"`);
    agents.start(node);
  }
  await agents.connected();
  await expectExit(cluster, 0, 'switchover', SERVICE, '--to', 'a');
  await cluster.settled('a');
  assert.notEqual(agents.instancePid('a'), null);
  assert.equal(agents.instancePid('b'), null);
});
