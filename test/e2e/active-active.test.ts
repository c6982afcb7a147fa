// An active-active service on real probers, real name servers and real web servers: who dies leaves the answer, comes back after
// its resync, and below minHealthy every verified node is answered. Nothing is started or fenced.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { describe, test } from 'node:test';
import type { ServiceStatus } from '../../src/controller/read-model.ts';
import type { Plan } from '../../src/controller/read-plan.ts';
import { addressesAt } from './support/ask-server.ts';
import { Cluster } from './support/cluster.ts';
import { HTTP_PORT, type Network, PROBERS, RECORD } from './support/cluster-files.ts';
import { waitUntil } from './support/wait-until.ts';

type NodeId = 'a' | 'b' | 'c';

describe('active-active', { concurrency: 2 }, () => {
  test('a node that dies leaves the answer, and comes back after its resync', async () => {
    await using world = await startWorld(['a', 'b', 'c'], 'minHealthy: 1');
    const { cluster } = world;
    await world.answers('a', 'b', 'c');
    await world.kill('b');
    await world.answers('a', 'c');
    const [left] = await cluster.history();
    assert.equal(left?.op.kind, 'answer');
    assert.equal(left?.op.from, 'b');
    const why = await cluster.why();
    assert.match(why.summary, /answers a, c; b is not healthy/);
    assert.equal(why.operation?.rules.includes('S24'), true, 'why names the rule by which it left');
    assert.equal((await world.status()).nodes.find(({ node }) => node === 'b')?.role, 'failed');

    cluster.setMode('resync', 'b', 'fail');
    await world.start('b');
    await waitUntil('the resync to fail', async () => {
      const { alerts } = await world.status();
      return alerts.some(({ refusal }) => refusal.rule === 'node.resync-failed');
    });
    await world.answers('a', 'c');
    cluster.setMode('resync', 'b', null);
    await cluster.accepted({ kind: 'rejoin', node: 'b', reason: 'mended' });
    await world.answers('a', 'b', 'c');
    assert.ok(cluster.actions('end resync b').length > 0, 'the resync ran');
    assert.deepEqual(cluster.actions('begin start'), [], 'nothing was started');
    assert.deepEqual(cluster.actions('begin fence'), [], 'nothing was fenced');
  });

  test('below minHealthy every verified node is answered, and a node that was never up is not', async () => {
    await using world = await startWorld(['a', 'b'], 'minHealthy: 2');
    const { cluster } = world;
    await world.answers('a', 'b');
    const plan = await cluster.api().get<Plan>('/v1/services/web/plan');
    assert.equal(plan.set?.without.find(({ node }) => node === 'a')?.kind, 'failOpen');
    await world.kill('a');
    await waitUntil('the alert', async () => {
      const { alerts } = await world.status();
      return alerts.some(({ refusal }) => refusal.rule === 'S28.fail-open');
    });
    await world.answers('a', 'b');
    await world.kill('b');
    await waitUntil('nobody to be healthy', async () => (await world.status()).set?.healthy.length === 0);
    await world.answers('a', 'b');
    assert.equal((await world.status()).state, 'exhausted');
    const refused = await cluster.command({ kind: 'switchover', from: null, to: 'a', reason: 'test' });
    assert.equal(refused.kind === 'refused' && refused.refusal.rule, 'mode.active-active');
  });

  test('drain waits until nobody is sent to the node, undrain brings it back, and the last one is kept', async () => {
    await using world = await startWorld(['a', 'b', 'c'], 'minHealthy: 2');
    const { cluster } = world;
    await world.answers('a', 'b', 'c');
    const drained = await cluster.oneup('drain', 'web', '--node', 'b', '--reason', 'new kernel');
    assert.equal(drained.code, 0, drained.stderr);
    assert.ok(cluster.actions('end drain b').length > 0, 'the drain action ran');
    await world.answers('a', 'c');
    const refused = await cluster.oneup('drain', 'web', '--node', 'a', '--reason', 'new kernel');
    assert.equal(refused.code, 7);
    assert.match(refused.stdout, /S28\.min-healthy/);
    const status = await cluster.oneup('status');
    assert.match(status.stdout, /b .*drained.*not answered.*new kernel/);
    const back = await cluster.oneup('undrain', 'web', '--node', 'b');
    assert.equal(back.code, 0, back.stderr);
    await world.answers('a', 'b', 'c');
  });

  test('weights and slow start: one address for each query, in proportion', async () => {
    await using world = await startWorld(['a', 'b'], 'slowStart: 40s', { b: ', weight: 3' });
    const { cluster } = world;
    await waitUntil('both to be answered', async () => (await world.status()).set?.answers.length === 2);
    assert.deepEqual(await weights(world), { a: 1, b: 3 });
    const counts = await world.countAnswers(400);
    assert.equal([...counts.keys()].sort().join(' '), 'a b', 'one node at a time');
    const share = (counts.get('b') ?? 0) / 400;
    assert.ok(share > 0.6 && share < 0.9, `b has about three quarters, value was ${share}`);
    await world.kill('b');
    await world.answers('a');
    await world.start('b');
    await waitUntil('b to come back with a fifth of its share', async () => (await weights(world)).b === 3);
    assert.equal((await weights(world)).a, 5);
    await waitUntil('the next step', async () => (await weights(world)).b === 6);
    const status = await cluster.oneup('status');
    assert.match(status.stdout, /b .*returning.*answered, weight/);
  });

  test('the answer outlives its controller, and the next one goes on with it', async () => {
    await using world = await startWorld(['a', 'b', 'c'], 'minHealthy: 1');
    const { cluster } = world;
    await world.answers('a', 'b', 'c');
    const leader = await cluster.controller();
    assert.ok(leader !== null);
    await cluster.prober(leader).end('SIGKILL');
    await world.kill('c');
    await waitUntil('another controller to take c out', async () => (await world.answeredBy(leader)).includes('a b'));
    cluster.start(leader);
    await world.answers('a', 'b');
  });
});

type World = AsyncDisposable & {
  readonly cluster: Cluster;
  readonly kill: (node: NodeId) => Promise<void>;
  readonly start: (node: NodeId) => Promise<void>;
  readonly status: () => Promise<ServiceStatus>;
  /** Waits until every name server answers exactly these nodes. */
  readonly answers: (...nodes: readonly NodeId[]) => Promise<void>;
  /** How often each was answered to so many queries with ids of their own. */
  readonly countAnswers: (times: number) => Promise<ReadonlyMap<string, number>>;
  /** What the name servers but this one answer, as names of nodes. */
  readonly answeredBy: (dead: string) => Promise<readonly string[]>;
};

async function weights(world: World): Promise<Readonly<Record<string, number>>> {
  return Object.fromEntries(((await world.status()).set?.answers ?? []).map(({ node, weight }) => [node, weight]));
}

async function startWorld(
  nodes: readonly NodeId[],
  keys: string,
  more: Partial<Record<NodeId, string>> = {},
): Promise<World> {
  const cluster = await Cluster.create({ fill: (text, network) => activeActive(text, network, { nodes, keys, more }) });
  const servers = new Map<NodeId, Server>();
  const address = (node: NodeId) => addressOf(cluster.network, node);
  const start = async (node: NodeId) => {
    const server = createServer((_, response) => response.end(node));
    servers.set(node, server);
    await new Promise<void>((resolve) => server.listen(HTTP_PORT, address(node), resolve));
  };
  const kill = async (node: NodeId) => {
    const server = servers.get(node);
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
    servers.delete(node);
  };
  const names = (answer: string) => {
    const known = nodes.filter((node) => answer.split(' ').includes(address(node)));
    return known.length === answer.split(' ').length ? known.join(' ') : answer;
  };
  for (const node of nodes) await start(node);
  for (const prober of PROBERS) cluster.start(prober);
  await cluster.ready();
  return {
    cluster,
    kill,
    start,
    status: () => cluster.service(),
    answers: async (...wanted) => {
      await waitUntil(`every name server to answer ${wanted.join(' ')}`, async () => {
        const answers = (await cluster.answers()).map(names);
        if (answers.every((answer) => answer === wanted.join(' '))) return true;
        throw new Error(`They answer ${JSON.stringify(answers)}: ${JSON.stringify(await cluster.service())}`);
      });
    },
    countAnswers: async (times) => {
      const counts = new Map<string, number>();
      for (let asked = 0; asked < times; asked += 1) {
        const answer = names(await addressesAt(cluster.network.dns.p1, asked * 163));
        counts.set(answer, (counts.get(answer) ?? 0) + 1);
      }
      return counts;
    },
    answeredBy: async (dead) => {
      const alive = PROBERS.filter((prober) => prober !== dead);
      return (await cluster.answers(alive)).map(names);
    },
    [Symbol.asyncDispose]: async () => {
      for (const node of [...servers.keys()]) await kill(node);
      await cluster[Symbol.asyncDispose]();
    },
  };
}

function addressOf({ nodes, token }: Network, node: NodeId): string {
  return node === 'c' ? token.replace(/\.\d+$/, '.23') : nodes[node];
}

function activeActive(
  text: string,
  network: Network,
  {
    nodes,
    keys,
    more,
  }: {
    readonly nodes: readonly NodeId[];
    readonly keys: string;
    readonly more: Partial<Record<NodeId, string>>;
  },
): string {
  const head = text.slice(0, text.indexOf('services:'));
  const action = '{ exec: { command: [./act.sh] }, timeout: 15s }';
  return `${head}services:
  web:
    mode: active-active
    ${keys}
    record: { name: ${RECORD}, ttl: { steady: 1s, suspect: 1s, settling: 1s } }
    nodes:
${nodes.map((node) => `      - { id: ${node}, address: ${addressOf(network, node)}${more[node] ?? ''} }`).join('\n')}
    check: { http: "http://{address}:\${env:CHECK_PORT}/", interval: 900ms, timeout: 800ms, fall: 2, rise: 2, recheck: 100ms, minDown: 200ms }
    actions: { drain: ${action}, undrain: ${action}, resync: ${action} }
`;
}
