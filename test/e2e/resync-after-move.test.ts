// failover.resyncAfter: move, with real scripts: the node that a switchover has left runs its resync action by itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cluster } from './support/cluster.ts';
import { SERVICE } from './support/cluster-files.ts';
import { waitUntil } from './support/wait-until.ts';

test('a switchover is followed by the resync of the node that it has left', async () => {
  const changes = [
    ['failover: { automatic: true,', 'failover: { automatic: true, resyncAfter: move,'],
    // It is held until it was looked at, by a command that takes its time on a busy machine.
    [
      'resync: { exec: { command: [./act.sh] }, timeout: 15s }',
      'resync: { exec: { command: [./act.sh] }, timeout: 60s }',
    ],
  ] as const;
  await using cluster = await Cluster.running({ changes });
  cluster.setMode('resync', 'a', 'held');
  await cluster.accepted({ kind: 'switchover', from: 'a', to: 'b', reason: 'a story' });
  await waitUntil('the resync to begin', () => cluster.actions('begin resync a').length === 1, 60_000);
  // The prober that is asked need not be the controller, and hears of the resync when its script runs already.
  await waitUntil('a to be resynced', async () => {
    const meanwhile = (await cluster.service()).nodes.find(({ node }) => node === 'a');
    assert.deepEqual([meanwhile?.role, meanwhile?.incident?.stage], ['failed', 'resyncing']);
    return true;
  });
  assert.match((await cluster.oneup('incident', SERVICE)).stdout, /a +resyncing/);
  cluster.setMode('resync', 'a', null);
  await waitUntil('a to be a standby', async () => {
    return (await cluster.service()).nodes.find(({ node }) => node === 'a')?.role === 'standby';
  });
  await cluster.settled('b');
  assert.deepEqual(cluster.actions('begin resync').length, 1);
});
