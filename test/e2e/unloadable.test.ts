// A prober that cannot load the configuration in force has an old one in its hands: nothing is dropped, forgotten, voted or
// published by that (S7).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cluster } from './support/cluster.ts';
import type { ProberName } from './support/cluster-files.ts';
import { reloadUntilAnswered } from './support/reload-until-answered.ts';
import { waitUntil } from './support/wait-until.ts';

test('a node that runs is not dropped through a prober that has never heard of it (S7, S17)', async () => {
  await using cluster = await Cluster.create();
  const { nodes } = cluster.network;
  const nodeB = `\n      - { id: b, address: ${nodes.b} }`;
  const nodeA = `      - { id: a, address: ${nodes.a} }`;
  const needs = needsMore(cluster);
  cluster.editConfig([nodeB, '']);
  for (const prober of ['p1', 'p2'] as const) cluster.start(prober, needs.env);
  cluster.start('p3');
  await cluster.ready();
  await leaveOutB(cluster);
  await cluster.accepted({ kind: 'switchover', from: null, to: 'a', reason: 'first start' });
  await cluster.settled('a');

  cluster.editConfig(needs.change, [nodeA, `${nodeA}${nodeB}`]);
  assert.equal((await reloadThrough(cluster, 'p1', '--force')).code, 0);
  await untilUnloadable(cluster, ['p3']);
  await cluster.accepted({ kind: 'rejoin', node: 'b', reason: 'joins' }, 'p1');
  await waitUntil('b to have joined', async () => (await cluster.service('p1')).operation === null);
  await cluster.accepted({ kind: 'switchover', from: 'a', to: 'b', reason: 'move' }, 'p1');
  await waitUntil('b', async () => {
    const { active, operation, tail } = await cluster.service('p1');
    return active === 'b' && operation === null && tail === null;
  });

  cluster.editConfig([needs.change[1], needs.change[0]], [nodeB, '']);
  assert.match((await reloadThrough(cluster, 'p1')).text, /S7\.node-may-run/);
  for (const force of [[], ['--force']]) {
    const { code, text } = await reloadThrough(cluster, 'p3', ...force);
    assert.equal(code, 7, text);
    assert.match(text, /S7\.cannot-load: .*EXTRA_HOST/s);
  }
  assert.match((await through(cluster, 'p3', 'forget', 'web')).text, /S7\.cannot-load/);
  const { active, nodes: known } = await cluster.service('p1');
  assert.deepEqual([active, known.map(({ node }) => node)], ['b', ['a', 'b']]);
});

test('probers with an old file in their hands verify nothing and publish nothing (S7, S24, S29)', async () => {
  await using cluster = await Cluster.create();
  const { nodes } = cluster.network;
  const needs = needsMore(cluster);
  cluster.start('p1', needs.env);
  for (const prober of ['p2', 'p3'] as const) cluster.start(prober);
  await cluster.ready();
  await cluster.accepted({ kind: 'switchover', from: null, to: 'a', reason: 'first start' });
  await cluster.settled('a');

  // At its new address nothing answers: the start script brings it up at the old one, which two of three still know.
  const moved = nodes.b.replace(/\.22$/, '.29');
  const www = 'records: [{ name: www, type: A, ttl: 60s, values: ["192.0.2.7"] }]';
  const zone = ['hostmaster: ops.example.com. }', `hostmaster: ops.example.com., ${www} }`] as const;
  cluster.editConfig([`address: ${nodes.b}`, `address: ${moved}`], needs.change, zone);
  assert.equal((await reloadThrough(cluster, 'p1', '--force')).code, 0);
  await untilUnloadable(cluster, ['p2', 'p3']);
  await stepsAside(cluster, 'p2');
  await cluster.accepted({ kind: 'rejoin', node: 'b', reason: 'joins' }, 'p1');
  await waitUntil('b to have joined', async () => (await cluster.service('p1')).operation === null);
  // Whether it is refused at once or fails on the way: b is never verified.
  await cluster.accepted({ kind: 'failover', to: 'b', overrides: ['S24.quorum-pending'], reason: 'move' }, 'p1');
  await waitUntil('the move to be judged', async () => {
    const { operation } = await cluster.service('p1');
    return operation === null || operation.blocked !== null;
  });
  const { active, record, nodes: seen } = await cluster.service('p1');
  const votes = seen.find(({ node }) => node === 'b')?.votes.map(({ prober, verdict }) => `${prober} ${verdict}`);
  assert.notEqual(active, 'b');
  assert.notEqual(record.address, moved);
  assert.deepEqual(votes?.slice(1), ['p2 absent', 'p3 absent']);
  assert.match((await through(cluster, 'p1', 'status')).text, /p3 .*no vote +runs another configuration/);
});

/** The same serial means the same bytes (S29): it keeps the snapshot it had, which grows older until it refuses (S30). */
async function stepsAside(cluster: Cluster, prober: ProberName): Promise<void> {
  const zoneAt = async (asked: ProberName) => (await cluster.status(asked)).self.dns;
  await waitUntil(`${prober} to step aside`, async () => (await zoneAt(prober)).mode === 'refuse');
  const [own, current] = [(await zoneAt(prober)).zones[0]?.serial, (await zoneAt('p1')).zones[0]?.serial];
  assert.ok(own != null && current != null && own < current, `${prober} has serial ${own}, p1 has ${current}`);
}

/** A variable that only some probers have; everything else stays as it is. */
function needsMore({ network }: Cluster) {
  const known = `references: ["tcp://${network.reference}:`;
  return {
    env: { EXTRA_HOST: network.reference },
    change: [known, `references: ["tcp://\${env:EXTRA_HOST}:`] as const,
  };
}

/** The cluster was initialised with both nodes: a person says that `b` never ran, so that the file without it counts. */
async function leaveOutB(cluster: Cluster): Promise<void> {
  await waitUntil('b to be confirmed down', async () => {
    const { nodes } = await cluster.service();
    const version = nodes.find(({ node }) => node === 'b')?.breadcrumb.version ?? 0;
    const { kind } = await cluster.command({ kind: 'confirmDown', node: 'b', version, reason: 'never started' });
    return kind === 'accepted';
  });
  const { code, text } = await reloadThrough(cluster, 'p1');
  assert.equal(code, 0, text);
  await cluster.ready();
}

async function reloadThrough(cluster: Cluster, prober: ProberName, ...argv: readonly string[]) {
  const socket = cluster.path('var', prober, 'api.sock');
  const { code, stdout, stderr } = await reloadUntilAnswered(cluster, ...argv, '--socket', socket);
  return { code, text: `${stdout}${stderr}` };
}

async function through(cluster: Cluster, prober: ProberName, ...argv: readonly string[]) {
  const { code, stdout, stderr } = await cluster.oneup(...argv, '--socket', cluster.path('var', prober, 'api.sock'));
  return { code, text: `${stdout}${stderr}` };
}

async function untilUnloadable(cluster: Cluster, probers: readonly ProberName[]): Promise<void> {
  await waitUntil(`${probers.join(', ')} to see that it cannot load what is in force`, async () => {
    const { cluster: seen } = await cluster.status('p1');
    return probers.every((id) => seen?.probers.find(({ prober }) => prober === id)?.configStanding === 'unloadable');
  });
  await cluster.ready();
}
