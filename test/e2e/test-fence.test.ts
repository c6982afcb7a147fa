// `oneup test-fence` on a live cluster: what the fence devices of both nodes say, from a prober that need not be the controller,
// and that a device which lies about a running node is found out before a failover believes it (S18).
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { FenceReport } from '../../src/api/test-fence.ts';
import { Cluster } from './support/cluster.ts';
import { PROBERS, SERVICE } from './support/cluster-files.ts';
import { expectExit, jsonOf } from './support/expect-exit.ts';

describe('oneup test-fence', () => {
  test('asks from whichever prober, finds a lie, and fires nothing', async (t) => {
    // A device is asked by a script, which takes its time on a busy machine.
    await using cluster = await Cluster.running({ changes: [['timeout: 5s', 'timeout: 12s']] });
    const before = cluster.actions().length;
    const honest = readFileSync(cluster.path('confirm.sh'), 'utf8');
    await t.test('off for the standby, not off for the active', () => answers(cluster));
    await t.test('every prober asks for itself', () => everyProber(cluster));
    await t.test('a query that fails is unknown: exit code 8', async () => {
      writeFileSync(cluster.path('confirm.sh'), '#!/bin/sh\necho "no route to the device" >&2\nexit 2\n');
      const text = await expectExit(cluster, 8, 'test-fence', SERVICE, '--node', 'b');
      assert.match(text, /1 +exec +unknown +\d+ ms +Cannot query fence-confirm: Ended with exit code 2/);
    });
    await t.test('a device that says off of the active node is wrong: exit code 8', async () => {
      writeFileSync(cluster.path('confirm.sh'), '#!/bin/sh\necho off\n');
      const text = await expectExit(cluster, 8, 'test-fence', SERVICE, '--node', 'a');
      assert.match(text, /WRONG: level 1 would prove the node down, but it answers as active to p\d/);
      assert.doesNotMatch(await expectExit(cluster, 0, 'test-fence', SERVICE, '--node', 'b'), /WRONG/);
    });
    writeFileSync(cluster.path('confirm.sh'), honest);
    await t.test('what cannot be asked is refused', () => refusals(cluster));
    assert.equal(cluster.actions().length, before, 'nothing was done to a node');
    await cluster.settled('a');
  });
});

async function answers(cluster: Cluster): Promise<void> {
  const standby = await expectExit(cluster, 0, 'test-fence', SERVICE, '--node', 'b');
  assert.match(standby, /^Fence levels of web\/b, asked by prober p1; nothing was fired\n {2}level +driver +state/);
  assert.match(standby, /1 +exec +off +\d+ ms +The fence device says "off"/);
  const words = ['--level', '1', '--status-only'];
  const active = await expectExit(cluster, 0, 'test-fence', SERVICE, '--node', 'a', ...words);
  assert.match(active, /1 +exec +not off +\d+ ms +The fence device says "on"/);
}

async function everyProber(cluster: Cluster): Promise<void> {
  for (const prober of PROBERS) {
    const socket = cluster.path('var', prober, 'api.sock');
    const report = await jsonOf<FenceReport>(cluster, 'test-fence', SERVICE, '--node', 'a', '--socket', socket);
    assert.deepEqual(
      [report.prober, report.node, report.levels.map(({ state }) => state), report.contradicted],
      [prober, 'a', ['notOff'], []],
    );
    assert.ok(report.answering.length > 0, 'the probers see it run');
  }
}

async function refusals(cluster: Cluster): Promise<void> {
  const ask = (...words: readonly string[]) => expectExit(cluster, 1, 'test-fence', ...words);
  assert.match(await ask(SERVICE, '--node', 'b', '--level', '2'), /web\/b has levels 1 to 1, value was 2/);
  assert.match(await ask(SERVICE, '--node', 'c'), /web has no node c, its nodes are a, b/);
  assert.match(await ask('shop', '--node', 'a'), /shop is not configured/);
}
