// One name at two real BINDs: both are written, one is written while the other is silent for a whole failover, and the controller is
// killed between the two writes (S26, S27, S28).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { NodeName } from './support/cluster-files.ts';
import { expectExit } from './support/expect-exit.ts';
import { killAndTell } from './support/kill-and-tell.ts';
import { type Pair, type PairMember, runAtPair } from './support/pair-cluster.ts';
import { prepare, STORIES, tell } from './support/stories.ts';
import { waitUntil } from './support/wait-until.ts';

/** The pauses between tries grow to a minute and more while a server is silent. */
const PATIENCE_MS = 300_000;

describe('a name at two providers', () => {
  let pair: Pair;
  before(async () => {
    pair = await runAtPair();
  });
  after(() => pair[Symbol.asyncDispose]());

  const names = async ({ held }: PairMember, node: NodeName): Promise<boolean> =>
    (await held()).addresses.join() === pair.cluster.network.nodes[node];
  const untilBothName = (node: NodeName) =>
    waitUntil(
      `both providers to name ${node}`,
      async () => (await names(pair.one, node)) && (await names(pair.two, node)),
      PATIENCE_MS,
    );
  const untilActive = (node: NodeName) =>
    waitUntil(
      `${node} to be active`,
      async () => {
        const { active, operation } = await pair.cluster.service();
        return active === node && operation === null;
      },
      PATIENCE_MS,
    );
  const untilTold = <T>(what: string, look: () => Promise<T | null | false>) => waitUntil(what, look, PATIENCE_MS);

  test('both are written when a node is verified', async () => {
    await untilBothName('a');
    const moved = await prepare(pair.cluster, STORIES.CUTOVER);
    await tell(pair.cluster, STORIES.CUTOVER, moved);
    await untilBothName(moved.to);
  });

  test('the second one is silent for a whole failover: nothing waits, it is named, and it follows when it is back', async () => {
    const { cluster, one, two } = pair;
    const { from, to } = await prepare(cluster, STORIES.CUTOVER);
    two.server.setStopped(true);
    cluster.killInstance(from);
    await untilActive(to);
    await untilTold(`the first provider to name ${to}`, () => names(one, to));
    const { second, dnsProblem } = await untilTold('the second to be called behind', async () => {
      const seen = await cluster.service();
      return seen.second?.dnsProblem == null ? null : seen;
    });
    assert.equal(dnsProblem, null);
    assert.match(second?.dnsProblem?.reason ?? '', /^provider two: /);
    assert.equal(second?.differs, true);
    assert.match(await expectExit(cluster, 0, 'status'), /at second provider two .* not what the first provider has/);
    await untilTold('the laggards to name it', async () => (await cluster.service()).laggards.join().includes('two'));
    two.server.setStopped(false);
    await untilBothName(to);
    await untilTold('all to be well', async () => (await cluster.service()).state === 'active');
  });

  test('the first one is silent for a whole failover: the second one is written meanwhile', async () => {
    const { cluster, one, two } = pair;
    const { from, to } = await prepare(cluster, STORIES.CUTOVER);
    one.server.setStopped(true);
    cluster.killInstance(from);
    await untilActive(to);
    await untilTold(`the second provider to name ${to}`, () => names(two, to));
    const { dnsProblem, second } = await untilTold('the first to be told of', async () => {
      const seen = await cluster.service();
      return seen.dnsProblem === null ? null : seen;
    });
    assert.match(dnsProblem?.reason ?? '', /^provider one: /);
    assert.equal(second?.dnsProblem, null);
    one.server.setStopped(false);
    await untilBothName(to);
    await untilTold('all to be well', async () => (await cluster.service()).state === 'active');
  });

  for (const when of ['before', 'after'] as const) {
    test(`the controller is killed ${when} the first of the two writes: the next one ends with the same answer at both`, async () => {
      const { cluster, one, two } = pair;
      const before = [await one.held(), await two.held()];
      assert.ok(await killAndTell(cluster, STORIES.CUTOVER, { kind: 'effect', phase: 'CUTOVER', when }));
      const { active } = await cluster.service();
      assert.ok(active === 'a' || active === 'b');
      await untilBothName(active);
      const now = [await one.held(), await two.held()];
      for (const [at, { seq }] of now.entries()) assert.ok((seq ?? 0) > (before[at]?.seq ?? 0), 'numbers only rise');
    });
  }
});
