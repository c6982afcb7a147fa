// The main job on real processes: the active is killed, three probers agree, the standby is started once, and DNS moves after
// it was verified and never before. And what must not move anything: one prober that sees wrong, two that are gone, or any
// number of them that are cut off from the world.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { watchServers } from './support/ask-server.ts';
import { Cluster } from './support/cluster.ts';
import { CLOSED_PORT, PROBERS, type ProberName } from './support/cluster-files.ts';
import { assertJournal } from './support/stories.ts';
import { waitUntil } from './support/wait-until.ts';

const SEES_NODES_DOWN = { CHECK_PORT: String(CLOSED_PORT) };
const CUT_OFF = { ...SEES_NODES_DOWN, REFERENCE_PORT: String(CLOSED_PORT) };
/** Many times what a failover takes to begin here. */
const QUIET_MS = 3_000;

describe('failover', { concurrency: 2 }, () => {
  test('the active is killed: one start of the standby, and DNS moves after VERIFY_NEW', async () => {
    await using cluster = await Cluster.running();
    const { a, b } = cluster.network.nodes;
    const watch = watchServers(PROBERS.map((prober) => cluster.network.dns[prober]));
    cluster.killInstance('a');
    const status = await cluster.settled('b');
    const sightings = await watch.stop();

    const operation = await cluster.operation();
    assert.equal(operation.kind, 'automatic');
    assert.equal(operation.outcome, 'done');
    assertJournal(operation.journal);
    assert.deepEqual(startsOf(cluster, 'b'), [
      `begin start b ${status.epoch} ${stepOfStart(cluster)} ${operation.opId}`,
    ]);
    const verified = operation.journal.find((entry) => entry.text.startsWith('VERIFY_NEW ended'));
    assert.ok(verified !== undefined);
    for (const prober of PROBERS) {
      const seen = sightings.filter((sighting) => sighting.server === cluster.network.dns[prober].host);
      assert.deepEqual(
        seen.map((sighting) => sighting.answer),
        [a, b],
        `${prober} answers the old address, then the new one, and nothing else`,
      );
      assert.ok((seen[1]?.wallMs ?? 0) >= verified.wallMs, `${prober} answered anew before VERIFY_NEW ended`);
    }
  });

  test('what must not move anything, and what must', async (t) => {
    await using cluster = await Cluster.running();
    const quiet = () => assertNothingMoves(cluster);

    await t.test('one prober sees both nodes down: nothing moves, and its vote is shown', async () => {
      await cluster.restart('p3', SEES_NODES_DOWN);
      await untilVotes(cluster, 'a', { p1: 'up', p2: 'up', p3: 'down' });
      await quiet();
      await waitUntil('the quorum to see a up', async () => {
        const { nodes } = await cluster.service();
        return nodes.find(({ node }) => node === 'a')?.quorum === 'up';
      });
    });

    await t.test('two probers that see both nodes down reach none of their references: they abstain', async () => {
      await cluster.restart('p3', CUT_OFF);
      await cluster.restart('p2', CUT_OFF);
      await untilVotes(cluster, 'a', { p1: 'up', p2: 'abstains', p3: 'abstains' });
      await quiet();
      const { stdout } = await cluster.oneup('status');
      assert.match(stdout, /p2\s+at-p2\s+abstains\s+none of 1 references answers/);
      assert.match(stdout, /p3\s+at-p3\s+abstains\s+none of 1 references answers/);
      assert.match(stdout, /p1\s+at-p1\s+votes/);
    });

    await t.test('two probers are killed: the third alone moves nothing when the active dies', async () => {
      await cluster.restart('p2');
      await cluster.restart('p3');
      await cluster.prober('p2').end('SIGKILL');
      await cluster.prober('p3').end('SIGKILL');
      await waitUntil('the sessions of the dead to end', async () => {
        const { cluster: seen } = await cluster.status('p1');
        return seen?.probers.filter((prober) => prober.isAlive).length === 1 && seen.controller?.prober === 'p1';
      });
      cluster.killInstance('a');
      await untilVotes(cluster, 'a', { p1: 'down', p2: 'absent', p3: 'absent' });
      await quiet();
    });

    await t.test('a second prober comes back and agrees: now the standby is started', async () => {
      cluster.startDead();
      await cluster.ready();
      await cluster.settled('b');
      assert.equal(startsOf(cluster, 'b').length, 1);
    });
  });
});

function startsOf(cluster: Cluster, node: string): readonly string[] {
  return cluster.actions(`begin start ${node} `);
}

function stepOfStart(cluster: Cluster): string {
  return startsOf(cluster, 'b')[0]?.split(' ')[4] ?? 'no start';
}

async function assertNothingMoves(cluster: Cluster): Promise<void> {
  const before = { actions: cluster.actions(), history: (await cluster.history()).length };
  await sleep(QUIET_MS);
  assert.deepEqual({ actions: cluster.actions(), history: (await cluster.history()).length }, before);
  const { operation, active } = await cluster.service();
  assert.deepEqual({ operation, active }, { operation: null, active: 'a' });
  const addresses = (await cluster.answers()).filter((answer) => answer !== 'silent');
  assert.deepEqual(new Set(addresses), new Set([cluster.network.nodes.a]));
}

async function untilVotes(
  cluster: Cluster,
  node: string,
  votes: Readonly<Partial<Record<ProberName, string>>>,
): Promise<void> {
  await waitUntil(`the votes on ${node} to be ${JSON.stringify(votes)}`, async () => {
    const found = (await cluster.service('p1')).nodes.find((candidate) => candidate.node === node)?.votes ?? [];
    const shown = Object.fromEntries(found.map((vote) => [vote.prober, vote.verdict]));
    assert.deepEqual(shown, votes);
    return true;
  });
}
