// A service whose store is away, and whose agent asks the probers for their word (S37): until when it lives by that, and what
// ends it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AgentBench, LEASE } from '../../support/agent-bench.ts';

const { periodMs } = LEASE;
const PEERS = ['p1/x', 'p2/y'];

/** It runs, its renewals name the peers, and from now on nobody renews. */
async function cutOff(): Promise<AgentBench> {
  const bench = new AgentBench();
  bench.peers = PEERS;
  bench.tell({ onStoreLoss: 'stayIfPeersAgree' });
  await bench.run();
  await bench.clock.advance(periodMs);
  assert.deepEqual(bench.renewals.at(-1)?.asked, PEERS);
  bench.isRenewing = false;
  bench.words = () => PEERS.map((peer) => ({ kind: 'agreed', peer }) as const);
  return bench;
}

describe('a service without a store', () => {
  test('stays for as long as all agree, and its keeper is told each time', async () => {
    await using bench = await cutOff();
    await bench.clock.advance(5 * periodMs);
    assert.equal(bench.report().role, 'active');
    assert.ok(bench.claims.length >= 5);
    const last = bench.claims.at(-1)?.atBootMs ?? 0;
    assert.equal(bench.keeper.of()?.deadlineBootMs, last + periodMs - LEASE.marginMs, 'from before it asked (S3)');
    bench.isRenewing = true;
    bench.words = () => [{ kind: 'renewed', version: 900, peers: PEERS }];
    await bench.clock.advance(periodMs / 2);
    assert.equal(bench.renewals.at(-1)?.seen, bench.leaseVersion - 1, 'it renews by itself again');
  });

  test('ends in time when one of them does not answer', async () => {
    await using bench = await cutOff();
    await bench.clock.advance(periodMs);
    bench.words = () => [{ kind: 'agreed', peer: 'p1/x' }];
    await bench.clock.advance(periodMs);
    assert.match(bench.report().exited ?? '', /its lease was not renewed in time/);
  });

  test('ends at once when somebody has the store and says that its grant is over', async () => {
    await using bench = await cutOff();
    await bench.clock.advance(periodMs / 2);
    assert.equal(bench.report().role, 'active');
    const agreed = PEERS.map((peer) => ({ kind: 'agreed', peer }) as const);
    bench.words = () => [...agreed, { kind: 'over', reason: 'the grant is revoked' }];
    await bench.clock.advance(periodMs / 3);
    assert.match(bench.report().exited ?? '', /the grant is revoked/);
  });

  test('asks nobody with selfFence, and before a renewal was granted that names somebody', async () => {
    await using fenced = await cutOff();
    fenced.tell({ onStoreLoss: 'selfFence' });
    await fenced.clock.advance(2 * periodMs);
    assert.equal(fenced.claims.length, 0);
    assert.match(fenced.report().exited ?? '', /its lease was not renewed in time/);
    await using early = new AgentBench();
    early.tell({ onStoreLoss: 'stayIfPeersAgree' });
    await early.run();
    early.isRenewing = false;
    await early.clock.advance(2 * periodMs);
    assert.deepEqual([early.claims.length, early.report().role], [0, 'stopped']);
  });

  test('an agent that was restarted meanwhile knows of nobody, and ends it in time', async () => {
    await using bench = await cutOff();
    await bench.clock.advance(periodMs);
    await bench.stop();
    const claims = bench.claims.length;
    bench.start();
    await bench.clock.advance(2 * periodMs);
    assert.equal(bench.claims.length, claims);
    assert.equal(bench.report().role, 'stopped');
  });
});
