// Five minutes without a store: longer than any session, retry or patience of oneup's. Nothing moves, every name server goes on,
// nobody gives up, and what comes afterwards is as quick as ever (S37, S38).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from '../e2e/support/cluster.ts';
import { PROBERS } from '../e2e/support/cluster-files.ts';
import { startEngine } from '../support/servers/engines.ts';

const OUTAGE_MS = 300_000;
const LOOK_MS = 10_000;

test('five minutes without etcd change nothing', async () => {
  await using engine = await startEngine('etcd');
  await using cluster = await Cluster.running({
    changes: [
      ['{ kind: sqlite, path: var/oneup.db }', engine.written],
      ['staleAfter: 2500ms', 'staleAfter: 10m'],
    ],
  });
  const before = cluster.actions();
  const names = Array(PROBERS.length).fill(cluster.network.nodes.a);
  const { epoch } = await cluster.service();
  engine.setStopped(true);
  try {
    for (let passedMs = 0; passedMs < OUTAGE_MS; passedMs += LOOK_MS) {
      await sleep(LOOK_MS);
      assert.deepEqual(await cluster.answers(), names, `after ${passedMs} ms`);
      assert.deepEqual(cluster.actions(), before, `after ${passedMs} ms`);
      assert.ok(PROBERS.every((prober) => cluster.prober(prober).isRunning()));
    }
  } finally {
    engine.setStopped(false);
  }
  await cluster.ready();
  await cluster.settled('a');
  assert.deepEqual(cluster.actions(), before, 'nothing was moved by the outage');
  assert.equal((await cluster.service()).epoch, epoch);
  cluster.killInstance('a');
  await cluster.settled('b');
});
