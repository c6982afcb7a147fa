// The agent as a whole: orders that come late or overtake each other, a disk or a keeper that fails, several services, and what
// it tells (S12 to S17).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AgentBench, order } from '../../support/agent-bench.ts';

describe('orders', () => {
  test('a start spawns once, after a renewal of its epoch with the keeper armed; its answer says so', async () => {
    await using bench = new AgentBench();
    await bench.run(4, 10);
    assert.deepEqual(bench.keeper.acts, ['arm 4', 'spawn 4/10']);
    assert.equal(bench.renewals[0]?.epoch, 4);
    const { role, step, epoch, running, lastResult, enforced } = bench.report();
    assert.deepEqual(
      { role, step, epoch, running, enforced, kind: lastResult?.kind },
      { role: 'active', step: 10, epoch: 4, running: true, enforced: 'keeper', kind: 'done' },
    );
  });

  test('a stop takes the place of a start that waits for a renewal, and nothing is started afterwards', async () => {
    await using bench = new AgentBench();
    bench.line = 'up';
    bench.keeper.silentTo.add('arm');
    await bench.run(4, 10);
    assert.equal(bench.report().role, 'starting');
    bench.tell({ order: order('stop', 4, 11) });
    await bench.clock.advance(1_000);
    bench.keeper.silentTo.clear();
    await bench.clock.advance(30_000);
    assert.equal(bench.report().lastResult?.kind, 'done');
    assert.equal(bench.report().step, 11);
    assert.ok(!bench.keeper.acts.some((act) => act.startsWith('spawn')), bench.keeper.acts.join());
  });

  test('an older order that comes after a newer one has begun neither ends that one nor is done (S12)', async () => {
    await using bench = new AgentBench();
    bench.keeper.silentTo.add('arm');
    await bench.run(6, 20);
    bench.tell({ order: order('stop', 4, 12) });
    await bench.clock.advance(1_000);
    bench.keeper.silentTo.clear();
    await bench.clock.advance(12_000);
    assert.deepEqual(bench.keeper.acts.slice(0, 2), ['arm 6', 'spawn 6/20']);
    assert.ok(!bench.keeper.acts.includes('stop'));
    assert.equal(bench.report().step, 20);
  });

  test('an older order that comes before the newer one is on the disk does not end it either', async () => {
    await using bench = new AgentBench();
    bench.diskMs = 3_000;
    await bench.run(6, 20);
    bench.tell({ order: order('stop', 4, 12) });
    await bench.clock.advance(500);
    bench.tell({ order: order('start', 6, 20) });
    await bench.clock.advance(6_000);
    assert.equal(bench.report().lastResult?.kind, 'done');
    assert.deepEqual(bench.keeper.acts.slice(0, 2), ['arm 6', 'spawn 6/20']);
  });

  test('an order of another generation than the store is not done', async () => {
    await using bench = new AgentBench();
    bench.tell({ grant: { epoch: 4, revoked: false }, order: order('start', 4, 10, 2) });
    bench.start();
    await bench.clock.advance(30_000);
    assert.deepEqual(bench.keeper.acts, []);
  });

  test('after a restart of the agent a recorded step is not done again, and a start whose process is there was done', async () => {
    await using bench = new AgentBench();
    await bench.run(4, 10);
    const known = bench.records.get('web');
    assert.ok(known !== undefined);
    await bench.stop();
    bench.records.set('web', { ...known, result: null });
    bench.start();
    await bench.clock.advance(1_000);
    assert.deepEqual(
      bench.keeper.acts.filter((act) => !act.startsWith('arm')),
      ['spawn 4/10'],
    );
    assert.match(bench.report().lastResult?.reason ?? '', /before the agent was restarted/);
    assert.equal(bench.report().lastResult?.kind, 'done');
  });

  test('after a reboot nothing runs, and a start that was under way has failed (S13)', async () => {
    await using bench = new AgentBench();
    await bench.run(4, 10);
    const known = bench.records.get('web');
    assert.ok(known !== undefined);
    await bench.stop();
    bench.records.set('web', { ...known, result: null });
    bench.keeper.replace();
    bench.keeper.bootId = 'boot2';
    bench.start();
    await bench.clock.advance(1_000);
    const { role, running, lastResult } = bench.report();
    assert.deepEqual({ role, running, kind: lastResult?.kind }, { role: 'stopped', running: false, kind: 'failed' });
  });
});

describe('a disk that fails', () => {
  test('what cannot be written down is not done, and is done once when it can (S12)', async () => {
    await using bench = new AgentBench();
    bench.isDiskFull = true;
    await bench.run(4, 10);
    await bench.clock.advance(5_000);
    assert.deepEqual(bench.keeper.acts, []);
    bench.isDiskFull = false;
    await bench.clock.advance(2_000);
    assert.deepEqual(bench.keeper.acts, ['arm 4', 'spawn 4/10']);
    assert.equal(bench.report().lastResult?.kind, 'done');
  });

  test('a result that cannot be written is told when it is written, and is what came of the step', async () => {
    await using bench = new AgentBench();
    await bench.run(4, 10);
    bench.keeper.stopMs = 2_000;
    bench.tell({ order: order('stop', 4, 11) });
    await bench.clock.advance(1_000);
    bench.isDiskFull = true;
    await bench.clock.advance(5_000);
    assert.equal(bench.report().step, 11);
    assert.equal(bench.report().lastResult, null);
    bench.isDiskFull = false;
    await bench.clock.advance(2_000);
    assert.equal(bench.report().lastResult?.kind, 'done');
    assert.equal(bench.keeper.acts.filter((act) => act === 'stop').length, 1);
  });

  test('what runs goes on, and its lease is renewed', async () => {
    await using bench = new AgentBench();
    await bench.run();
    bench.isDiskFull = true;
    bench.tell({ order: order('sync', 4, 11) });
    await bench.clock.advance(120_000);
    assert.equal(bench.keeper.of()?.running, true);
  });
});

describe('reports', () => {
  test('a stop is done only when nothing runs; a keeper that is silent right after it changes nothing (S17)', async () => {
    await using bench = new AgentBench();
    await bench.run();
    bench.keeper.silentTo.add('hello');
    bench.keeper.isMute = true;
    bench.tell({ order: order('stop', 4, 11) });
    await bench.clock.advance(10_000);
    const { lastResult, running, role, exited } = bench.report();
    assert.deepEqual(
      { kind: lastResult?.kind, running, role, exited },
      { kind: 'done', running: false, role: 'stopped', exited: null },
    );
    const renewals = bench.renewals.length;
    await bench.clock.advance(60_000);
    assert.equal(bench.renewals.length, renewals, 'a stopped service is renewed no more');
  });

  test('a recorded stop is not told as done while something runs (S17)', async () => {
    await using bench = new AgentBench();
    await bench.run();
    await bench.stop();
    const result = bench.records.get('web')?.result ?? null;
    bench.records.set('web', { ...STOP, result });
    bench.start();
    await bench.clock.advance(1_000);
    assert.equal(bench.report().running, true);
    assert.equal(bench.report().lastResult, null);
  });

  test('what cannot be killed is no stop', async () => {
    await using bench = new AgentBench();
    await bench.run();
    bench.keeper.isStuck = true;
    bench.tell({ order: order('stop', 4, 11) });
    await bench.clock.advance(10_000);
    assert.equal(bench.report().lastResult?.kind, 'failed');
    assert.equal(bench.report().running, true);
  });

  test('an end that is told while the keeper is asked is not forgotten', async () => {
    await using bench = new AgentBench();
    bench.tell({ grant: { epoch: 4, revoked: false }, order: order('start', 4, 10) });
    let hellos = 0;
    bench.keeper.onHello = () => {
      hellos += 1;
      // The answer says that it runs; its end is told before the answer is taken in.
      if (bench.keeper.of()?.running) bench.keeper.end();
    };
    bench.start();
    await bench.clock.advance(6_000);
    assert.ok(hellos > 1);
    assert.equal(bench.report().running, false);
    assert.match(bench.report().exited ?? '', /ended by itself, SIGKILL/);
  });

  test('where nothing binds, what a dead keeper owned is unknown: no stop of it is done, and none is started', async () => {
    await using bench = new AgentBench();
    bench.keeper.binds = false;
    await bench.run();
    assert.equal(bench.renewals[0]?.enforced, 'none');
    await bench.stop();
    bench.keeper.replace();
    bench.start();
    await bench.clock.advance(1_000);
    assert.equal(bench.report().running, null);
    assert.equal(bench.report().role, 'unknown');
    bench.tell({ order: order('stop', 4, 11) });
    await bench.clock.advance(10_000);
    assert.equal(bench.report().lastResult?.kind, 'failed');
    bench.tell({ order: order('start', 4, 12) });
    await bench.clock.advance(30_000);
    assert.equal(bench.report().lastResult?.kind, 'failed');
    assert.equal(bench.keeper.of()?.running ?? false, false);
  });
});

describe('a systemd unit', () => {
  const ACTIONS = { start: { kind: 'unit', unit: 'web.service' } } as const;

  test('is started and stopped by its name, and its lease is enforced by nobody (S16)', async () => {
    await using bench = new AgentBench();
    bench.tell({ actions: ACTIONS });
    await bench.run();
    assert.deepEqual([bench.report().role, bench.report().running, bench.report().enforced], ['active', true, 'none']);
    assert.deepEqual([bench.renewals[0]?.enforced, bench.renewals[0]?.armed], ['none', false]);
    assert.ok(bench.keeper.acts.includes('spawn 4/10 web.service'), bench.keeper.acts.join(', '));
    bench.tell({ order: order('stop', 4, 11) });
    await bench.clock.advance(10_000);
    assert.ok(bench.keeper.acts.includes('stop web.service'));
    assert.deepEqual([bench.report().role, bench.report().lastResult?.kind], ['stopped', 'done']);
  });

  test('whose lease is over is stopped by its agent', async () => {
    await using bench = new AgentBench();
    bench.tell({ actions: ACTIONS });
    await bench.run();
    bench.line = 'down';
    await bench.clock.advance(30_000);
    assert.ok(bench.keeper.acts.includes('stop web.service'));
  });

  test('that systemd would start by itself is told while nothing is started, until it is mended', async () => {
    await using bench = new AgentBench();
    const fault = { reason: 'web.service is enabled', remedy: 'systemctl disable web.service' };
    bench.keeper.unit = { kind: 'unfit', ...fault };
    bench.tell({ actions: ACTIONS });
    bench.start();
    await bench.clock.advance(1_000);
    assert.deepEqual([bench.report().role, bench.report().unfit], ['stopped', fault]);
    // A keeper that is silent for once says nothing new.
    bench.keeper.silentTo.add('unit');
    await bench.clock.advance(60_000);
    assert.deepEqual(bench.report().unfit, fault);
    bench.keeper.silentTo.clear();
    bench.keeper.unit = { kind: 'fit' };
    await bench.clock.advance(60_000);
    assert.equal(bench.report().unfit, undefined);
    assert.deepEqual(bench.keeper.acts, []);
  });

  test('is not looked at any more when a program takes its place', async () => {
    await using bench = new AgentBench();
    bench.keeper.unit = { kind: 'unfit', reason: 'web.service is enabled', remedy: 'systemctl disable web.service' };
    bench.tell({ actions: ACTIONS });
    bench.start();
    await bench.clock.advance(1_000);
    bench.tell({ actions: { start: { kind: 'run', argv: ['web'], env: {}, cwd: null } } });
    await bench.clock.advance(60_000);
    assert.equal(bench.report().unfit, undefined);
  });

  test('whose keeper has died is unknown until systemd was asked to stop it (S17)', async () => {
    await using bench = new AgentBench();
    bench.tell({ actions: ACTIONS });
    await bench.run();
    await bench.stop();
    bench.keeper.replace();
    bench.start();
    await bench.clock.advance(1_000);
    assert.deepEqual([bench.report().role, bench.report().running, bench.report().exited], ['unknown', null, null]);
    bench.tell({ order: order('stop', 4, 11) });
    await bench.clock.advance(10_000);
    assert.deepEqual([bench.report().role, bench.report().lastResult?.kind], ['stopped', 'done']);
    assert.ok(bench.keeper.acts.includes('stop web.service'));
  });
});

const STOP = { generation: 1, epoch: 4, step: 11, action: 'stop', bootId: 'boot1', startedBootId: null } as const;
