// Whole clusters on every engine: three real probers, real instances, real servers. Nothing that the store does or does not do
// may look different from one engine to the next: a failover, ten seconds without a store, and what comes after them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from '../e2e/support/cluster.ts';
import { type Change, PROBERS, SERVICE } from '../e2e/support/cluster-files.ts';
import { waitUntil } from '../e2e/support/wait-until.ts';
import { ENGINE_KINDS, type Engine, startEngine } from '../support/servers/engines.ts';

/** Long enough for every session to be lost, and for whatever thinks that it is alone to act. */
const OUTAGE_MS = 10_000;

function changesFor({ written }: Engine): readonly Change[] {
  return [
    ['{ kind: sqlite, path: var/oneup.db }', written],
    ['staleAfter: 2500ms', 'staleAfter: 5m'],
  ];
}

for (const kind of ENGINE_KINDS) {
  describe(`a cluster on ${kind}`, () => {
    test('fails over, outlives ten seconds without its store unmoved, and fails over again', async (t) => {
      await using engine = await startEngine(kind);
      await using cluster = await Cluster.running({ changes: changesFor(engine) });

      await t.test('the active is killed: the standby takes over, once', async () => {
        cluster.killInstance('a');
        await cluster.settled('b');
        assert.equal(cluster.actions('begin start b').length, 1);
        await cluster.accepted({ kind: 'rejoin', node: 'a', reason: 'repaired' });
        await waitUntil('a to be a standby again', async () => {
          const { operation, nodes } = await cluster.service();
          return operation === null && nodes.every(({ node, failed }) => node !== 'a' || failed === null);
        });
      });

      await t.test('ten seconds without a store: nothing is started, stopped or renamed (S37, S38)', async () => {
        const before = cluster.actions();
        const names = Array(PROBERS.length).fill(cluster.network.nodes.b);
        const { epoch } = await cluster.service();
        engine.setStopped(true);
        try {
          await waitUntil('every prober to say so', async () => {
            const stores = await Promise.all(PROBERS.map(async (prober) => (await cluster.status(prober)).self.store));
            return stores.every((store) => store.kind === 'lost');
          });
          const { code, stderr } = await cluster.oneup('switchover', SERVICE, '--to', 'a');
          assert.equal(code, 6, stderr);
          await sleep(OUTAGE_MS);
          assert.deepEqual(await cluster.answers(), names);
          assert.deepEqual(cluster.actions(), before);
        } finally {
          engine.setStopped(false);
        }
        await cluster.ready();
        await cluster.settled('b');
        assert.deepEqual(cluster.actions(), before, 'nothing was moved by the outage');
        assert.equal((await cluster.service()).epoch, epoch);
        assert.ok(
          PROBERS.every((prober) => cluster.prober(prober).isRunning()),
          'no prober ended',
        );
      });

      await t.test('afterwards it is as ready as before', async () => {
        cluster.killInstance('b');
        await cluster.settled('a');
        assert.equal(cluster.actions('begin start a').length, 2);
      });
    });

    test('init refuses what is there; another cluster in the same store is another one', async () => {
      await using engine = await startEngine(kind);
      await using cluster = await Cluster.create({ changes: changesFor(engine) });
      const again = await cluster.oneup('init');
      assert.equal(again.code, 2, again.stderr);
      assert.match(again.stderr, /^ONEUP_STORE_INITIALISED/);
      await using other = await Cluster.create({ changes: [...changesFor(engine), ['name: e2e', 'name: other']] });
      assert.equal((await other.oneup('init')).code, 2);
    });
  });
}
