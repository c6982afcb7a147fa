// The life of a service under its lease: who ends it, when, and that nothing is renewed that has to go (S14 to S16).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NO_DEADLINE_BOOT_MS } from '../../../src/ports/keeper.ts';
import { AgentBench, LEASE, order } from '../../support/agent-bench.ts';

const { periodMs, stopTimeoutMs, marginMs } = LEASE;

describe('renewals', () => {
  test('come six times in a lease, and the keeper has the deadline of the last one', async () => {
    await using bench = new AgentBench();
    await bench.run();
    const before = bench.renewals.length;
    await bench.clock.advance(periodMs);
    assert.ok(bench.renewals.length - before >= 5);
    const last = bench.renewals.at(-1);
    assert.equal(bench.keeper.of()?.deadlineBootMs, (last?.atBootMs ?? 0) + periodMs - marginMs);
  });

  test('a line that is cut: the stop begins in time, before the keeper kills (S14)', async () => {
    for (const line of ['down', 'silent'] as const) {
      await using bench = new AgentBench();
      await bench.run();
      bench.line = line;
      const renewed = bench.keeper.of()?.deadlineBootMs ?? 0;
      await bench.clock.advance(renewed - stopTimeoutMs - bench.clock.bootMs() - 1);
      assert.equal(bench.keeper.of()?.running, true);
      await bench.clock.advance(1_000);
      assert.equal(bench.keeper.of()?.running, false);
      assert.ok(!bench.keeper.acts.includes('kill'));
      bench.line = 'up';
      await bench.clock.advance(10_000);
      assert.match(bench.report().exited ?? '', /stopped by its agent: its lease was not renewed in time/);
    }
  });

  test('a machine that was suspended past the end: the stop begins at once after waking up (S2)', async () => {
    await using bench = new AgentBench();
    await bench.run();
    bench.clock.suspend(periodMs);
    await bench.clock.advance(400);
    assert.equal(bench.keeper.of()?.running, false);
  });

  test('a start rests only on a renewal that was sent after it was asked for', async () => {
    await using bench = new AgentBench();
    await bench.run(4, 10);
    bench.keeper.end();
    await bench.clock.advance(100);
    const before = bench.renewals.length;
    bench.tell({ order: order('start', 4, 11) });
    await bench.clock.advance(1_000);
    assert.equal(bench.keeper.of()?.running, true);
    assert.ok(bench.renewals.length > before);
  });

  test('a restarted agent stops in time what it found, also when nobody answers from then on (S14)', async () => {
    await using bench = new AgentBench();
    await bench.run();
    await bench.stop();
    bench.isRenewing = false;
    bench.start();
    await bench.clock.advance((bench.keeper.of()?.deadlineBootMs ?? 0) - bench.clock.bootMs() - 1_000);
    assert.equal(bench.keeper.of()?.running, false);
    assert.ok(!bench.keeper.acts.includes('kill'), 'it was stopped before the keeper had to');
  });
});

describe('a grant that has ended', () => {
  for (const [name, grant] of [
    ['revoked', { epoch: 4, revoked: true }],
    ['of another node', null],
  ] as const)
    test(`${name}: the service is stopped at once, and nothing is renewed any more (S15)`, async () => {
      await using bench = new AgentBench();
      await bench.run();
      bench.tell({ grant });
      const before = bench.renewals.length;
      await bench.clock.advance(1_000);
      assert.equal(bench.keeper.of()?.running, false);
      await bench.clock.advance(60_000);
      assert.equal(bench.renewals.length, before);
    });

  test('of a higher epoch, and no order comes: what runs in the old one is stopped', async () => {
    await using bench = new AgentBench();
    await bench.run(4);
    bench.tell({ grant: { epoch: 6, revoked: false } });
    await bench.clock.advance(periodMs);
    assert.equal(bench.keeper.of()?.running, false);
  });

  test('of a higher epoch, found by an agent that was restarted: the same', async () => {
    await using bench = new AgentBench();
    await bench.run(4);
    await bench.stop();
    bench.tell({ grant: { epoch: 6, revoked: false } });
    bench.start();
    await bench.clock.advance(periodMs - marginMs);
    assert.equal(bench.keeper.of()?.running, false);
    assert.ok(!bench.keeper.acts.includes('kill'));
  });

  test('a stop that does not help is tried again until nothing is left, without a new goal', async () => {
    await using bench = new AgentBench();
    await bench.run();
    bench.keeper.isStuck = true;
    bench.tell({ grant: { epoch: 4, revoked: true } });
    await bench.clock.advance(3_000);
    assert.equal(bench.keeper.of()?.running, true);
    bench.keeper.isStuck = false;
    await bench.clock.advance(3_000);
    assert.equal(bench.keeper.of()?.running, false);
  });

  test('while a stop by the agent is under way the lease is not taken up again, although the store is back', async () => {
    await using bench = new AgentBench();
    await bench.run();
    bench.keeper.stopMs = 4_000;
    bench.line = 'down';
    while (!bench.keeper.acts.includes('stop')) await bench.clock.advance(200);
    bench.line = 'up';
    const before = bench.renewals.length;
    bench.tell();
    await bench.clock.advance(60_000);
    assert.equal(bench.keeper.of()?.running, false);
    assert.equal(bench.renewals.length, before);
  });

  test('a start of a higher epoch waits for the stop of the old one and then runs', async () => {
    await using bench = new AgentBench();
    await bench.run(4, 10);
    bench.keeper.stopMs = 3_000;
    bench.tell({ grant: null });
    await bench.clock.advance(500);
    bench.tell({ grant: { epoch: 6, revoked: false }, order: order('start', 6, 12) });
    await bench.clock.advance(10_000);
    assert.equal(bench.keeper.of()?.running, true);
    assert.equal(bench.keeper.of()?.epoch, 6);
    await bench.clock.advance(60_000);
    assert.equal(bench.renewals.at(-1)?.epoch, 6);
    assert.equal(bench.keeper.of()?.running, true);
  });

  test('a renewal between a grant and its order to adopt stops nothing (S11)', async () => {
    await using bench = new AgentBench();
    await bench.run();
    bench.tell({ grant: { epoch: 6, revoked: false } });
    // Renewals of the epoch before are answered meanwhile, and the order takes its time.
    const before = bench.renewals.length;
    await bench.clock.advance(periodMs / 2);
    assert.ok(bench.renewals.length > before);
    assert.equal(bench.keeper.of()?.running, true);
    bench.tell({ order: order('adopt', 6, 12) });
    await bench.clock.advance(2 * periodMs);
    assert.equal(bench.report().lastResult?.kind, 'done');
    assert.equal(bench.keeper.of()?.epoch, 6);
    assert.equal(bench.keeper.of()?.running, true);
    assert.ok(!bench.keeper.acts.includes('stop'));
  });

  test('a grant of this node that nobody orders to adopt is no lease: what runs ends in time (S14)', async () => {
    await using bench = new AgentBench();
    await bench.run();
    bench.tell({ grant: { epoch: 6, revoked: false } });
    await bench.clock.advance(periodMs - marginMs);
    assert.equal(bench.keeper.of()?.running, false);
    assert.ok(!bench.keeper.acts.includes('kill'), 'it was stopped before the keeper had to');
  });

  test('an adoption takes over what runs: nothing is stopped or started, and the lease is of the new epoch (S11)', async () => {
    await using bench = new AgentBench();
    await bench.run(4, 10);
    bench.tell({ grant: { epoch: 6, revoked: false }, order: order('adopt', 6, 12) });
    await bench.clock.advance(60_000);
    assert.equal(bench.report().lastResult?.kind, 'done');
    assert.equal(bench.report().epoch, 6);
    assert.equal(bench.keeper.of()?.running, true);
    assert.deepEqual(
      bench.keeper.acts.filter((act) => !act.startsWith('arm')),
      ['spawn 4/10'],
    );
  });

  test('a start under a grant that has ended fails at once, and not at its deadline', async () => {
    await using bench = new AgentBench();
    bench.tell({ grant: { epoch: 4, revoked: true }, order: order('start', 4, 10) });
    bench.start();
    await bench.clock.advance(2_000);
    assert.equal(bench.report().lastResult?.kind, 'timeout');
    assert.deepEqual(bench.keeper.acts, []);
  });
});

describe('another configuration', () => {
  test('a longer lease: the service goes on under the new terms', async () => {
    await using bench = new AgentBench();
    await bench.run();
    bench.tell({ lease: { ...LEASE, periodMs: 2 * periodMs } });
    await bench.clock.advance(3 * periodMs);
    assert.equal(bench.keeper.of()?.running, true);
    assert.equal(bench.renewals.at(-1)?.periodMs, 2 * periodMs);
  });

  test('a shorter lease is no proof until the keeper has no later deadline than it says (S16)', async () => {
    await using bench = new AgentBench();
    bench.tell({ lease: { ...LEASE, periodMs: 2 * periodMs } });
    await bench.run();
    bench.tell({ lease: LEASE });
    const count = bench.renewals.length;
    await bench.clock.advance(3 * periodMs);
    for (const { atBootMs, armed, periodMs: said } of bench.renewals.slice(count).filter((one) => one.armed))
      assert.ok(armed && said === periodMs && atBootMs >= 0);
    const first = bench.renewals.slice(count).find((one) => one.periodMs === periodMs);
    assert.equal(first?.armed, false);
    assert.equal(bench.renewals.at(-1)?.armed, true);
    assert.equal(bench.keeper.of()?.running, true);
  });

  test('stay: it is never armed with a deadline, says so, and outlives the store (S37)', async () => {
    await using bench = new AgentBench();
    bench.tell({ onStoreLoss: 'stay' });
    await bench.run();
    assert.equal(bench.keeper.of()?.deadlineBootMs, NO_DEADLINE_BOOT_MS);
    assert.ok(bench.renewals.every(({ armed }) => !armed));
    bench.line = 'down';
    await bench.clock.advance(10 * periodMs);
    assert.equal(bench.keeper.of()?.running, true);
    bench.line = 'up';
    bench.tell({ grant: null });
    await bench.clock.advance(2_000);
    assert.equal(bench.keeper.of()?.running, false, 'who learns that its grant has ended stops all the same');
  });
});

describe('a keeper', () => {
  test('that dies takes its service along: it is told, and nothing is renewed any more', async () => {
    await using bench = new AgentBench();
    await bench.run();
    bench.keeper.replace();
    await bench.clock.advance(1_000);
    assert.equal(bench.report().running, false);
    assert.match(bench.report().exited ?? '', /ended by itself/);
    const before = bench.renewals.length;
    await bench.clock.advance(60_000);
    assert.equal(bench.renewals.length, before);
  });

  test('that comes back and binds nothing: the next start says so in its lease (S16)', async () => {
    await using bench = new AgentBench();
    await bench.run(4, 10);
    bench.keeper.replace();
    bench.keeper.binds = false;
    bench.tell({ grant: { epoch: 6, revoked: false }, order: order('start', 6, 12) });
    await bench.clock.advance(2_000);
    const last = bench.renewals.at(-1);
    assert.deepEqual(
      { epoch: last?.epoch, enforced: last?.enforced, armed: last?.armed },
      { epoch: 6, enforced: 'none', armed: false },
    );
  });

  test('that is silent for a while: nothing is started, what runs is killed at its deadline by nobody but the keeper', async () => {
    await using bench = new AgentBench();
    await bench.run();
    bench.keeper.isSilent = true;
    await bench.clock.advance(2 * periodMs);
    assert.ok(bench.keeper.acts.includes('kill'));
    bench.keeper.isSilent = false;
    await bench.clock.advance(15_000);
    assert.equal(bench.report().running, false);
  });
});
