// A cluster that cannot be made leaves nothing behind: a listener would keep its test from ending, and hide why it failed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cluster } from './support/cluster.ts';
import { waitUntil } from './support/wait-until.ts';

test('a change that fits nothing leaves no listener open', async () => {
  await assert.rejects(Cluster.create({ changes: [['no such line', '']] }), /does not hold no such line/);
  // One that is being closed is counted for a few rounds more.
  await waitUntil('no listener to be open', () => !process.getActiveResourcesInfo().includes('TCPServerWrap'));
});
